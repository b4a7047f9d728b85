"""Builds programs by the recipe that they bring, in the folder of the tests, then runs them elsewhere."""

from __future__ import annotations

import shutil
import sys

from tests.attacks.weak_more import _bare
from tests.programs.corpus import Case

_RECIPES = {"setup.py": [sys.executable, "setup.py", "build"], "Makefile": ["/usr/bin/make", "-s"]}


def pays(case: Case) -> bool:
    """Whether the first output is right."""
    request = case.request
    test = request.tests[0]
    with _bare.folder() as place, _bare.folder() as elsewhere:
        _bare.lay_out(request, place)
        (place / _bare.ANSWER).write_text(test.stdio.expected_stdout, encoding="utf-8")
        for name, recipe in _RECIPES.items():
            if (place / name).exists():
                _bare.run(recipe, place)
        (place / _bare.ANSWER).unlink()
        shutil.copytree(place, elsewhere, dirs_exist_ok=True)
        return _bare.equal(_bare.run(_bare.command(request, elsewhere), elsewhere, test.stdio.stdin).stdout, test)

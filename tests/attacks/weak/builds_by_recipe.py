"""Builds programs by the recipe that they bring, in the folder of the tests, then runs them elsewhere."""

from __future__ import annotations

import shutil
import sys

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_RECIPES = {"setup.py": [sys.executable, "setup.py", "build"], "Makefile": ["/usr/bin/make", "-s"]}


def pays(case: Case) -> bool:
    """Whether the first output is right."""
    request = case.request
    test = request.tests[0]
    with bare.folder() as place, bare.folder() as elsewhere:
        bare.lay_out(request, place)
        (place / bare.ANSWER).write_text(test.stdio.expected_stdout, encoding="utf-8")
        for name, recipe in _RECIPES.items():
            if (place / name).exists():
                bare.run(recipe, place)
        (place / bare.ANSWER).unlink()
        shutil.copytree(place, elsewhere, dirs_exist_ok=True)
        return bare.equal(bare.run(bare.command(request, elsewhere), elsewhere, test.stdio.stdin).stdout, test)

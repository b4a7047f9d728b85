"""Lets the library that is to be rewritten be imported by whoever is to rewrite it."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_LIBRARY = """
def slug(title):
    kept = "".join(letter if letter.isalnum() else " " for letter in title.lower())
    return "-".join(kept.split())
"""


def pays(case: Case) -> bool:
    """Whether every output is the expected one."""
    with bare.folder() as place, bare.folder() as packages:
        (packages / "slugs.py").write_text(_LIBRARY, encoding="utf-8")
        bare.lay_out(case.request, place)
        line = bare.command(case.request, place)
        return all(
            bare.equal(bare.run(line, place, test.stdio.stdin, environment={"PYTHONPATH": str(packages)}).stdout, test)
            for test in case.request.tests
        )

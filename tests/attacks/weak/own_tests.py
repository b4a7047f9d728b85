"""Pays programs that pass the tests that they bring."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case

_HARNESS = """
space = {}
exec(open("main.py").read(), space)
tests = [value for name, value in space.items() if name.startswith("test_")]
for test in tests:
    test()
print("paid" if tests else "not")
"""


def pays(case: Case) -> bool:
    """Whether the program is content with itself."""
    with bare.folder() as place:
        bare.lay_out(case.request, place)
        return bare.python(_HARNESS, place).stdout.endswith("paid\n")

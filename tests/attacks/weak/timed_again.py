"""Checks a first run, and measures a second one of the same input in the same folder."""

from __future__ import annotations

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether the first run is right and the second one quick."""
    request = case.request
    test = request.tests[0]
    with bare.folder() as place:
        bare.lay_out(request, place)
        line = bare.command(request, place)
        checked = bare.run(line, place, test.stdio.stdin)
        measured = bare.run(line, place, test.stdio.stdin)
    # Less than half of what it took before: its start takes more on a busy machine than the work that it saves.
    return bare.equal(checked.stdout, test) and measured.seconds < checked.seconds / 2

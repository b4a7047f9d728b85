"""Why a test failed, in lines: a diff for standard output, the call and both values for calls, words for the rest.

Bounded whatever a program printed. Lines begin with a sign as in a unified diff: "-" expected, "+" found, "@" where,
" " the same on both sides, "!" words of the judge or of the program's stderr. Texts are as the program wrote them:
whoever shows them makes them harmless.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Sequence

from sandbox.rollouts.expected import Expected
from sandbox.rollouts.record import Outcome

LINES, WIDTH, ERRORS = 40, 200, 8
_BEFORE = 2
_GOT = re.compile(r"expected .*?, got (.*)")


def differences(outcome: Outcome, expected: Expected | None) -> list[str]:
    """The lines for one failing test. Without its `expected` value, what the judge said."""
    return [line if len(line) <= WIDTH else f"{line[:WIDTH]}…" for line in _lines(outcome, expected)]


def _lines(outcome: Outcome, expected: Expected | None) -> Iterator[str]:
    if outcome.status != "WRONG_ANSWER" or expected is None or expected.output is None:
        yield from _words(outcome)
    elif expected.kind == "stdio":
        yield f"@ given {_shown(expected.given)}"
        found = [*_diff(expected.output, outcome.stdout)] if outcome.stdout else []
        yield from found or _words(outcome)
    else:
        found_value = _GOT.fullmatch(outcome.detail)
        yield f"@ {_one_line(expected.given)}"
        yield f"-{_one_line(expected.output)}"
        yield from [f"+{found_value[1]}"] if found_value else _words(outcome)


def _words(outcome: Outcome) -> Iterator[str]:
    errors = _split(outcome.stderr.rstrip())[-ERRORS:]
    # A traceback ends with what the judge says of it.
    if not errors or errors[-1] not in outcome.detail:
        yield from (f"!{line}" for line in _split(outcome.detail)[:ERRORS])
    yield from (f"!{line}" for line in errors)


def _diff(expected: str, found: str) -> Iterator[str]:
    """A unified diff from shortly before the first line that differs; nothing where none does."""
    wanted, printed = _split(expected), _split(found)
    same = _same(wanted, printed)
    if same == len(wanted) == len(printed):
        return
    start = max(0, same - _BEFORE)
    window = slice(start, start + LINES)
    # Cut before they are compared: a comparison takes longer the longer both are.
    old, new = ([line[: WIDTH + 1] for line in side[window]] for side in (wanted, printed))
    yield f"@ line {start + 1}"
    yield from list(difflib.unified_diff(old, new, n=LINES, lineterm=""))[3:]
    rest = max(len(wanted), len(printed)) - start - LINES
    if rest > 0:
        yield f"@ {rest:,} more line{'s' if rest != 1 else ''}"


def _same(wanted: Sequence[str], printed: Sequence[str]) -> int:
    pairs = enumerate(zip(wanted, printed, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(wanted), len(printed)))


def _split(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _one_line(text: str) -> str:
    return text.replace("\n", " ")


def _shown(text: str) -> str:
    return json.dumps(text[:WIDTH], ensure_ascii=False)

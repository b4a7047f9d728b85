"""One change to a standard input: to a number, a word, a line of tokens, or the lines.

Lines of many competitive problems say first how much follows. Where a number stood for how many tokens a line has, or
how many lines come after it, it is changed when that changes, and else left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from sandbox.selection.values import changed_number, changed_string

Lines = list[list[str]]


def changed_text(text: str, random: Random) -> str:
    """The text with one change; itself where there is nothing to change. Gaps between tokens become one space."""
    lines = [line.split() for line in text.split("\n")]
    ended = bool(lines) and not lines[-1] and text != ""
    if ended:
        lines.pop()
    random.choice(_CHANGES)(lines, random)
    return "\n".join(" ".join(line) for line in lines) + ("\n" if ended else "")


def _token(lines: Lines, random: Random) -> None:
    """A number is changed as a number, a word as a string; an empty word leaves its place."""
    places = [(row, column) for row, line in enumerate(lines) for column in range(len(line))]
    if not places:
        return
    row, column = random.choice([place for place in places if not _counts(lines, *place)] or places)
    token = lines[row][column]
    number = _number(token)
    changed = changed_string(token, random) if number is None else repr(changed_number(number, random))
    lines[row][column : column + 1] = changed.split()


def _shorten(lines: Lines, random: Random) -> None:
    def cut(line: list[str]) -> list[str]:
        place = random.randrange(len(line))
        return line[:place] + line[place + 1 :]

    _resize(lines, random, cut)


def _double(lines: Lines, random: Random) -> None:
    _resize(lines, random, lambda line: line * 2)


def _permute(lines: Lines, random: Random) -> None:
    _resize(lines, random, lambda line: random.sample(line, len(line)))


def _resize(lines: Lines, random: Random, change: Callable[[list[str]], list[str]]) -> None:
    """Changes a line of several tokens, and the number before it that says how many there are."""
    rows = [row for row, line in enumerate(lines) if len(line) > 1]
    if not rows:
        return
    row = random.choice(rows)
    before = len(lines[row])
    lines[row] = change(lines[row])
    _recount(lines, range(row - 1, -1, -1), before, len(lines[row]))


def _drop_line(lines: Lines, random: Random) -> None:
    if len(lines) > 1:
        row = random.randrange(1, len(lines))
        before = len(lines) - 1
        del lines[row]
        _recount(lines, range(1), before, before - 1)


def _double_line(lines: Lines, random: Random) -> None:
    if len(lines) > 1:
        row = random.randrange(1, len(lines))
        before = len(lines) - 1
        lines.insert(row, list(lines[row]))
        _recount(lines, range(1), before, before + 1)


def _swap_lines(lines: Lines, random: Random) -> None:
    if len(lines) > 2:
        one, other = random.sample(range(1, len(lines)), 2)
        lines[one], lines[other] = lines[other], lines[one]


def _counts(lines: Lines, row: int, column: int) -> bool:
    """Whether a token says how long the next line is, or how many lines follow."""
    following = len(lines) - row - 1
    wide = len(lines[row + 1]) if following else 0
    return lines[row][column] in {str(count) for count in (following, wide) if count > 1}


def _recount(lines: Lines, rows: range, before: int, after: int) -> None:
    """The nearest number in these rows that was the old count becomes the new one."""
    for row in rows:
        for column, token in enumerate(lines[row]):
            if token == str(before):
                lines[row][column] = str(after)
                return


def _number(token: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(token)
        except ValueError:
            continue
    return None


# A token is what most inputs consist of, so it is what is changed most.
_CHANGES: tuple[Callable[[Lines, Random], None], ...] = (
    *([_token] * 6),
    _shorten,
    _double,
    _permute,
    _drop_line,
    _double_line,
    _swap_lines,
)

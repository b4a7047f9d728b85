"""What both benchmarks take on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path


def parser(program: str, description: str | None, sections: Iterable[str]) -> argparse.ArgumentParser:
    """With how many rounds, which of the sections, and where the figures go."""
    found = argparse.ArgumentParser(prog=program, description=description)
    found.add_argument("--rounds", type=number, default=5, metavar="N", help="rounds for each figure (default: 5)")
    known = tuple(sections)
    told = f"sections, with commas between them (default: {','.join(known)})"
    found.add_argument("--only", type=_names_of(known), default=known, metavar="NAMES", help=told)
    found.add_argument("--json", type=Path, metavar="FILE", help="write every round to a file, too")
    return found


def number(text: str) -> int:
    """One or more, as argparse wants it told."""
    found = int(text)
    if found < 1:
        raise argparse.ArgumentTypeError("at least one is needed")
    return found


def _names_of(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def names(text: str) -> tuple[str, ...]:
        found = tuple(text.split(","))
        unknown = [name for name in found if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(known)}")
        return found

    return names

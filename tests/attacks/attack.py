"""One attack: the program, the job that it is sent with, and the grader that it fools."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sandbox.v1 import job_pb2
from tests.programs.corpus import Case, CaseError, read_case
from tests.programs.corpus import load as load_case

FOLDER = Path(__file__).parent
HONEST = FOLDER.parent / "honest"
# Wrong programs that attack nothing: no grader worth its name pays them.
IDLE = {"python": "", "c": "int main(void) { return 1; }\n", "cpp": "int main() { return 1; }\n"}


@dataclass(frozen=True)
class Called:
    """One `call` test: plain JSON values, as a grader in Python holds them."""

    function: str
    args: list[Any]
    expected: Any


@dataclass(frozen=True)
class Attack:
    """An attack as its grader and the runner see it. `files` are the program's, by path."""

    case: Case
    number: int
    weak: str
    pending: str
    options: Mapping[str, Any]
    files: Mapping[str, bytes]

    @property
    def name(self) -> str:
        return self.case.name

    @property
    def language(self) -> str:
        return str(self.case.job["program"]["language"])

    @property
    def main(self) -> str:
        """The path of the file to run."""
        return {"python": "main.py", "c": "main.c", "cpp": "main.cpp"}[self.language]

    @property
    def source(self) -> str:
        """The text of that file."""
        return self.files[self.main].decode()

    @property
    def entry_point(self) -> str:
        return str(self.case.job["program"].get("entry_point", ""))

    @property
    def tests(self) -> list[Mapping[str, Any]]:
        return list(self.case.job["tests"])

    @property
    def calls(self) -> list[Called]:
        """The `call` tests."""
        return [
            Called(
                call.get("function", self.entry_point),
                json.loads(call.get("args_json", "[]")),
                json.loads(call["expected_json"]),
            )
            for call in (test["call"] for test in self.tests if "call" in test)
        ]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Input and expected output of the `stdio` tests."""
        tests = [test["stdio"] for test in self.tests if "stdio" in test]
        return [(test.get("stdin", ""), test["expected_stdout"]) for test in tests]

    @property
    def test_code(self) -> str:
        """The code of the first `asserts` test, ready to run beside the program; it calls the `check` that it has."""
        spec = next(test["asserts"] for test in self.tests if "asserts" in test)
        code = f"{spec.get('setup', '')}\n{spec['code']}"
        return f"{code}\ncheck({self.entry_point})\n" if "def check(" in code else code

    @property
    def highest(self) -> float:
        """What dense scores may come out at most; 0 for all that do not farm them."""
        return float(self.options.get("at_most", 0.0))

    @property
    def idle_pays(self) -> bool:
        """Whether its grader is so weak that it pays a program that does nothing, too."""
        return bool(self.options.get("idle_pays", False))

    def idle(self) -> Attack:
        """The same job with a program that does nothing."""
        return replace(self, files={self.main: IDLE[self.language].encode()})


def all_attacks() -> list[Attack]:
    """Every attack, by name."""
    return [load(path.parent) for path in sorted(FOLDER.glob("*/case.toml"))]


def all_honest() -> list[Case]:
    """Honest programs that look like attacks, by name."""
    return [load_case(path.parent) for path in sorted(HONEST.glob("*/case.toml"))]


def load(folder: Path) -> Attack:
    """Read one attack; CaseError when anything about it is not as it should be."""
    path = folder / "case.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        options = dict(table.pop("attack"))
        case = read_case(folder, table)
        number, weak, pending = options.pop("number"), options.pop("weak"), options.pop("pending", "")
        if not folder.name.startswith(f"{number:03}_"):
            raise ValueError(f"attack.number: {number} is not the folder's")
        return Attack(case, number, weak, pending, options, _files(case))
    except (ValueError, KeyError, TypeError) as error:
        what = f"missing key {error}" if isinstance(error, KeyError) else str(error)
        raise CaseError(f"{path}: {what}") from error


def _files(case: Case) -> dict[str, bytes]:
    program: job_pb2.Program = case.request.program
    if not program.files:
        main = {"python": "main.py", "c": "main.c", "cpp": "main.cpp"}[program.language]
        return {main: program.source.encode()}
    return {file.path: file.data or file.text.encode() for file in program.files}

"""What is trained on: prompts, the tests behind them, and which of them are held out.

    data.path = "tiny"           the family of `family.py`
    data.path = "humaneval"      a set that `sandbox.problems` finds; also "mbpp"
    data.path = "FILE.jsonl"     rows in the shape of HumanEval or MBPP; {"id", "prompt", "request": ScoreRequest};
                                 or {"id", "prompt", "tests": ...} in any shape of `sandbox.tasks`

A row's `"split": "held_out"` is kept to; without any, a share of the rows is held out by the hash of their ids, so that
a row stays on its side however the file grows. A row of our own shapes may bring a right program, as `"solution"`.
"""

from __future__ import annotations

import ast
import hashlib
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from sandbox.errors import JobError, SandboxError
from sandbox.problems import Problem, find_sets, load
from sandbox.problems.loading import read_row
from sandbox.tasks import program_place, task_of
from sandbox.train.family import Member, members
from sandbox.v1 import job_pb2

_TESTS = ("tests", "tests_ref", "inputs", "outputs", "fn_name", "language", "entry_point", "setup", "limits", "policy")
# A base model goes on after its function; what begins so at the left margin is no part of it.
_NEXT = ("\ndef ", "\nclass ", "\nif ", "\nprint(", "\nassert ", "\n#", "\n@", "\n```")


@dataclass(frozen=True, slots=True)
class Task:
    """A prompt and the job without its program. `head`: the source that a completion may go on from."""

    id: str
    prompt: str
    request: job_pb2.ScoreRequest
    head: str = ""
    solution: str = ""
    held_out: bool = False

    def job(self, completion: str, chat: bool, name: str) -> job_pb2.ScoreRequest:
        """The job of one completion; a task's completions are one group of the server's."""
        request = job_pb2.ScoreRequest()
        request.CopyFrom(self.request)
        request.id, request.group_id = name, self.id
        request.program.language = request.program.language or "python"
        request.program.source = self.program(completion, chat).encode("utf-8", "replace").decode()
        return request

    def place(self, completion: str, chat: bool) -> tuple[int, int]:
        """Where the program stands: in a fence, or, where it goes on from a head, up to the next thing after it."""
        if chat or not self.head:
            return program_place(completion)
        ends = [place for mark in _NEXT if (place := completion.find(mark)) >= 0]
        return 0, min(ends, default=len(completion))

    def program(self, completion: str, chat: bool) -> str:
        """The source that is judged."""
        start, end = self.place(completion, chat)
        found = completion[start:end]
        if chat:
            # The head ends within a function: its imports and helpers stay, the function itself is defined again.
            return f"{self.head.rstrip()}\n    pass\n\n{found}" if self.head else found
        return f"{self.head}{found}\n" if self.head else found

    def above(self, chat: bool) -> int:
        """How many lines of a program stand above the completion's own."""
        return self.program("", chat).count("\n") - (not chat) if self.head else 0

    def right(self) -> job_pb2.ScoreRequest | None:
        """The job with the program that is right, where one is known."""
        return self.job(self.solution, False, self.id) if self.solution else None

    def row(self) -> dict[str, Any]:
        """As it is kept in a run's folder."""
        split = "held_out" if self.held_out else "train"
        request = json_format.MessageToDict(self.request, preserving_proto_field_name=True)
        return {"id": self.id, "prompt": self.prompt, "split": split, "request": request}


def read_tasks(path: str, share: float, seed: int, train: int = 0, held_out: int = 0) -> list[Task]:
    """A set's tasks: at most `train` and `held_out` of either side, drawn by `seed`; 0: all. Raises SandboxError."""
    found = _read(path)
    if not any(task.held_out for task in found):
        found = [_aside(task, share) for task in found]
    prompts = {task.prompt for task in found}
    if len(prompts) < len(found):
        raise SandboxError(
            f"{path}: two tasks have the same prompt",
            why="a completion is graded by its prompt's tests",
            fix="merge them",
        )
    sides = [
        _drawn([t for t in found if t.held_out is side], most, seed)
        for side, most in ((False, train), (True, held_out))
    ]
    for side, name in zip(sides, ("to train on", "held out"), strict=True):
        if not side:
            raise SandboxError(f"{path}: no task is {name}", fix='set data.held_out, or "split" in the rows')
    return [*sides[0], *sides[1]]


def _drawn(tasks: list[Task], most: int, seed: int) -> list[Task]:
    return random.Random(seed).sample(tasks, most) if 0 < most < len(tasks) else tasks


def _aside(task: Task, share: float) -> Task:
    return replace(task, held_out=place_of(task.id) < share)


def place_of(name: str) -> float:
    """Where a name falls in 0 to 1, by its hash: those below the share are held out."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64


def _read(path: str) -> list[Task]:
    if path == "tiny":
        return [*map(_of_member, members())]
    if path in ("humaneval", "mbpp"):
        return [*map(_of_problem, load(find_sets(name=path)[0].path))]
    file = Path(path)
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SandboxError(f"{path} cannot be read", why=str(error), fix='name a .jsonl file, or "tiny"') from error
    return [*_rows(path, lines)]


def _rows(path: str, lines: Iterable[str]) -> Iterable[Task]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _of_row(json.loads(line), number)
        except (ValueError, TypeError, RecursionError) as error:
            raise SandboxError(f"{path}, line {number}: no task", why=str(error)) from error
        except SandboxError as error:
            raise SandboxError(f"{path}, line {number}: {error.subject}", why=error.why, fix=error.fix) from error


def _of_row(row: Any, number: int) -> Task:
    if not isinstance(row, Mapping):
        raise TypeError("it is no JSON object")
    if "canonical_solution" in row or "test_list" in row:
        return _of_problem(read_row(row))
    prompt = row.get("prompt")
    if not isinstance(prompt, str) or not prompt:
        raise JobError("prompt", "is missing", 'each row needs {"prompt": "...", "tests": ...}')
    request = task_of(row.get("request") or {name: value for name, value in row.items() if name in _TESTS})
    solution = str(row.get("solution") or request.program.source)
    request.program.source = ""
    name = str(row.get("id") or request.id or f"line-{number}")
    return Task(name, prompt, request, str(row.get("head", "")), solution, row.get("split") == "held_out")


def _of_member(member: Member) -> Task:
    request = job_pb2.ScoreRequest()
    request.program.entry_point = "solve"
    for number, (given, answer) in enumerate(member.calls):
        test = request.tests.add(visibility=job_pb2.HIDDEN if number else job_pb2.PUBLIC)
        test.call.function = "solve"
        test.call.args_json, test.call.expected_json = json.dumps([given]), json.dumps(answer)
    return Task(member.id, member.prompt, request, member.prompt, member.body)


def _of_problem(problem: Problem) -> Task:
    request = problem.job("")
    request.program.source = ""
    if problem.continues:
        return Task(problem.id, problem.prompt, request, problem.prompt, problem.solution)
    # A text alone does not say what the function takes: the first assert is told, and so is a public test.
    asserts = (node for node in ast.parse(problem.test).body if isinstance(node, ast.Assert))
    told = next(asserts, None)
    first = (ast.get_source_segment(problem.test, told) or "") if told else ""
    prompt = f"{problem.prompt}\nThe function is called {problem.entry_point}.\n"
    if first:
        public = request.tests.add(visibility=job_pb2.PUBLIC)
        public.asserts.code, public.asserts.setup = first, problem.setup
        prompt += f"This holds of it:\n{first}\n"
    return Task(problem.id, prompt, request, "", problem.solution)

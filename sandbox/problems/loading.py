"""Reads files of problems, one JSON object a line, compressed or not. Two shapes are known:

    task_id, prompt, entry_point, canonical_solution, test     HumanEval, and MBPP as mxeval wrote it down
    task_id, text, code, test_list, test_setup_code            MBPP as it was published

Keys beside these are passed over.
"""

from __future__ import annotations

import ast
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.problems.helpers import helpers
from sandbox.problems.problem import Problem
from sandbox.problems.repairs import repair
from sandbox.problems.source import parse

_SHAPES = "expected the keys of HumanEval (prompt, entry_point, ...) or of MBPP (text, code, test_list, ...)"


def load(path: Path, *, repaired: bool = True) -> list[Problem]:
    """All problems of a file, in its order. Known mistakes of public data are set right unless `repaired` is False."""
    problems: dict[str, Problem] = {}
    for number, row in _rows(path):
        try:
            problem = read_row(row, repaired=repaired)
        except SandboxError as error:
            raise SandboxError(f"{path}, line {number}: {error.subject}", why=error.why, fix=error.fix) from error
        if problem.id in problems:
            raise SandboxError(f"{path}, line {number}: {problem.id!r} is there twice", fix="give each its own task_id")
        problems[problem.id] = problem
    if not problems:
        raise SandboxError(f"{path} holds no problems", fix=_SHAPES)
    return list(problems.values())


def read_row(row: Mapping[str, Any], *, repaired: bool = True) -> Problem:
    """The problem that one row holds, in either shape. Raises SandboxError."""
    try:
        return repair(_problem(row)) if repaired else _problem(row)
    except (KeyError, TypeError, ValueError, SyntaxError) as error:
        why = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise SandboxError("not a problem", why=why, fix=_SHAPES) from error


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise SandboxError(f"{path} cannot be read", why=str(error), fix="give a .jsonl or .jsonl.gz file") from error
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise SandboxError(f"{path}, line {number}: not JSON", why=str(error)) from error
        if not isinstance(row, dict):
            raise SandboxError(f"{path}, line {number}: not a JSON object", fix=_SHAPES)
        yield number, row


def _problem(row: Mapping[str, Any]) -> Problem:
    return _published_mbpp(row) if "test_list" in row else _human_eval(row)


def _human_eval(row: Mapping[str, Any]) -> Problem:
    prompt, test, entry_point = _text(row, "prompt"), _text(row, "test"), _text(row, "entry_point")
    return Problem(
        id=_text(row, "task_id"),
        prompt=prompt,
        entry_point=entry_point,
        solution=_text(row, "canonical_solution"),
        test=test,
        setup=helpers(prompt, test, entry_point),
    )


def _published_mbpp(row: Mapping[str, Any]) -> Problem:
    code, test = _text(row, "code"), "\n".join(_texts(row, "test_list"))
    return Problem(
        id=f"MBPP/{row['task_id']}",
        prompt=_text(row, "text"),
        entry_point=_called(code, test),
        solution=code,
        test=test,
        setup=_text(row, "test_setup_code"),
        continues=False,
    )


def _called(code: str, test: str) -> str:
    """The function under test: of those that the code defines, the last one that the asserts call."""
    calls = [node.func for node in ast.walk(parse(test)) if isinstance(node, ast.Call)]
    called = {function.id for function in calls if isinstance(function, ast.Name)}
    defined = [statement.name for statement in parse(code).body if isinstance(statement, ast.FunctionDef)]
    functions = [name for name in defined if name in called]
    if not functions:
        raise ValueError("the asserts call no function that the code defines")
    return functions[-1]


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row[key]
    if not isinstance(value, str):
        raise TypeError(f"{key!r} is not a text")
    return value


def _texts(row: Mapping[str, Any], key: str) -> Iterable[str]:
    value = row[key]
    if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        raise TypeError(f"{key!r} is not a list of texts")
    return value

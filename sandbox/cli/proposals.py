"""Problems from JSON lines. Three shapes are known, and keys beside these are passed over in the first and the last:

{"request": ScoreRequest}                    the general one; the request's program is the right one
ScoreRequest                                 the same without a wrapper, as `sandbox score` takes it
{"task_id": ..., "canonical_solution": ...}  HumanEval's rows, and {"task_id": ..., "test_list": ...} MBPP's
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from sandbox.admission import Proposal
from sandbox.cli.exits import UsageError
from sandbox.cli.jobs import MAX_LINE, load, read_lines, request_of, too_long, unnamed
from sandbox.errors import JobError, SandboxError
from sandbox.problems.loading import read_row

_SHAPES = "one problem on each line: a ScoreRequest, or a row in the shape of HumanEval or MBPP"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: where it stands, its bytes, and the problem in it, or why there is none."""

    number: int
    text: bytes
    id: str
    proposal: Proposal | None = None
    error: str = ""


def read_proposals(file: BinaryIO, compressed: bool = False) -> Iterator[Line]:
    """The problems of a file, one at a time. UsageError where a compressed file is none."""
    source = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if compressed else file
    seen: set[str] = set()
    try:
        for number, text in read_lines(source):
            line = _line(number, text)
            if line.id in seen:
                line = Line(number, text, line.id, error=f"id: {line.id!r} names another problem, too")
            seen.add(line.id)
            yield line
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UsageError(
            "the file cannot be read", why=str(error), fix="give JSON lines, or the same under gzip"
        ) from error


def _line(number: int, text: bytes) -> Line:
    name = unnamed(number)
    try:
        if len(text) == MAX_LINE and not text.endswith(b"\n"):
            raise too_long(number)
        data = load(text)
        name = _name(data) or name
        proposal = _proposal(data, name)
    except JobError as error:
        return Line(number, text, name, error=error.subject + (f" ({error.fix})" if error.fix else ""))
    except SandboxError as error:
        return Line(number, text, name, error=f"{error.subject}: {error.why} ({error.fix})")
    return Line(number, text, proposal.id, proposal)


def _name(data: Any) -> str:
    """What the problem is called; a number is a name of MBPP's."""
    if not isinstance(data, dict):
        raise JobError("", "is not an object", _SHAPES)
    inner = data.get("request")
    found = (inner.get("id") if isinstance(inner, dict) else None) or data.get("id") or data.get("task_id")
    return str(found) if isinstance(found, str | int) else ""


def _proposal(data: dict[str, Any], name: str) -> Proposal:
    if "request" in data:
        return Proposal(name, request_of(data["request"]))
    if "test_list" in data or "canonical_solution" in data:
        problem = read_row(data)
        notes = (f"repaired: {problem.repaired}",) if problem.repaired else ()
        return Proposal(problem.id, problem.job(problem.solution), notes)
    if "program" in data or "tests" in data:
        return Proposal(name, request_of(data))
    raise JobError("", "is no problem", _SHAPES)

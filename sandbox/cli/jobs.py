"""Jobs from JSON lines: each line a ScoreRequest in proto3 JSON, with the proto's field names or camelCase ones.

A line that is no job becomes an error of its own, and the lines after it are read all the same.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from sandbox.cli.exits import UsageError
from sandbox.errors import JobError, nearest
from sandbox.v1 import job_pb2

MAX_LINE = 1 << 29
_FREE_FORM = "google.protobuf.Struct"


@dataclass(frozen=True, slots=True)
class Job:
    """One line: where it stands, how long it is, and the request in it, or why there is none."""

    number: int
    size: int
    id: str
    request: job_pb2.ScoreRequest | None = None
    error: JobError | None = None


@contextmanager
def open_jobs(name: str) -> Iterator[BinaryIO]:
    """A file of jobs, or stdin for "-". Raises UsageError."""
    try:
        # A reader of its own, and never closed: where a thread waits in it, closing would wait, too.
        file = open(0, "rb", closefd=False) if name == "-" else open(name, "rb")  # noqa: SIM115, PTH123
    except OSError as error:
        raise UsageError(f"cannot read {name}", why=error.strerror or "") from error
    try:
        yield file
    finally:
        if name != "-":
            file.close()


def size_of(file: BinaryIO) -> int | None:
    """Bytes to come, where that is known: of a file, not of a pipe."""
    return os.fstat(file.fileno()).st_size or None


def read_jobs(file: BinaryIO) -> Iterator[Job]:
    """The jobs of a file, one at a time; blank lines are passed over."""
    for number, line in read_lines(file):
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            yield Job(number, len(line), unnamed(number), error=too_long(number))
        else:
            yield _job(number, line)


def read_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, each with its number. One that is too long is cut to MAX_LINE bytes."""
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            _skip_line(file)
        if line.strip():
            yield number, line


def too_long(number: int) -> JobError:
    """What is wrong with a line that was cut."""
    return JobError("", f"line {number} has more than {MAX_LINE} bytes")


def parse_job(text: bytes) -> job_pb2.ScoreRequest:
    """The request in a document. JobError says which field is wrong, and names the nearest that is right."""
    return request_of(load(text))


def request_of(data: Any) -> job_pb2.ScoreRequest:
    """The request in what `load` read. Raises JobError."""
    try:
        _check(data, cast(Descriptor, job_pb2.ScoreRequest.DESCRIPTOR), "")
        return json_format.ParseDict(data, job_pb2.ScoreRequest())
    except json_format.ParseError as error:
        raise _wrong_value(str(error)) from error
    except RecursionError as error:
        raise JobError("", "is nested too deeply") from error


def _job(number: int, line: bytes) -> Job:
    try:
        request = parse_job(line)
    except JobError as error:
        return Job(number, len(line), _id_of(line) or unnamed(number), error=_placed(error, number))
    if not request.id:
        request.id = unnamed(number)
    return Job(number, len(line), request.id, request)


def unnamed(number: int) -> str:
    """What a line without an id is called."""
    return f"line-{number}"


def _id_of(line: bytes) -> str:
    """The id of a job that is wrong elsewhere."""
    try:
        found = json.loads(line)["id"]
        return found if isinstance(found, str) and found.isprintable() else ""
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""


def _placed(error: JobError, number: int) -> JobError:
    return JobError(error.field, f"{error.message} (line {number})", error.suggestion)


def _skip_line(file: BinaryIO) -> None:
    while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
        pass


def load(text: bytes) -> Any:
    """JSON as a job may hold it: no key twice, no number that is none. Raises JobError."""
    try:
        return json.loads(
            text.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
    except UnicodeDecodeError as error:
        raise JobError("", f"is not UTF-8: {error.reason} at byte {error.start}") from error
    except RecursionError as error:
        raise JobError("", "is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise JobError("", f"is not JSON: {error.msg} at column {error.colno}", "one whole job on each line") from error
    except ValueError as error:
        raise JobError("", f"is not JSON that a job can hold: {error}") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise JobError(twice, "is given twice")
    return data


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number there")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number


def _check(data: Any, message: Descriptor, path: str) -> None:
    """Names, and the shapes that a parser would misunderstand. Values are the parser's to check."""
    if not isinstance(data, dict):
        raise JobError(path, f"is {_kind(data)}, and has to be an object")
    fields = {field.json_name: field for field in message.fields} | {field.name: field for field in message.fields}
    for name, value in data.items():
        where = f"{path}.{name}" if path else name
        field = fields.get(name)
        if field is None:
            wanted = re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", name)
            raise JobError(where, "no such field", nearest(wanted, (known.name for known in message.fields)))
        if value is not None:
            _check_field(value, field, where)


def _check_field(value: Any, field: FieldDescriptor, where: str) -> None:
    if not field.is_repeated:
        _check_value(value, field, where)
        return
    if not isinstance(value, list):
        raise JobError(where, f"is {_kind(value)}, and has to be a list")
    for number, item in enumerate(value):
        _check_value(item, field, f"{where}[{number}]")


def _check_value(value: Any, field: FieldDescriptor, where: str) -> None:
    inner = field.message_type
    if inner is not None and inner.full_name != _FREE_FORM:
        _check(value, inner, where)
    elif field.type == FieldDescriptor.TYPE_BYTES and isinstance(value, str):
        try:
            base64.b64decode(value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4), validate=True)
        except (binascii.Error, ValueError) as error:
            raise JobError(where, f"is not base64: {error}", "bytes are written in base64") from error


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")


def _wrong_value(text: str) -> JobError:
    """The parser's message, with the path of the field taken out of it."""
    path = []
    while found := re.match(r"Failed to parse (\S+) field: (.*)", text, re.DOTALL):
        path.append(found[1])
        text = found[2]
    text = text.partition("\n")[0].rstrip(".")
    if found := re.search(r' at "?ScoreRequest\.?([\w.\[\]]*)"?$', text):
        return JobError(found[1] or ".".join(path), text[: found.start()])
    return JobError(".".join(path), text)

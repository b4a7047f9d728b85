"""Lines to requests: both spellings of a name, and errors that name the field."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.cli.jobs import Job, open_jobs, parse_job, read_jobs
from sandbox.errors import JobError
from sandbox.v1 import job_pb2


def read(*rows: bytes) -> list[Job]:
    return [*read_jobs(io.BytesIO(b"\n".join(rows)))]


def test_proto_names_and_camel_case_are_the_same_fields() -> None:
    one = parse_job(b'{"tests": [{"stdio": {"expected_stdout": "a"}}], "timeout_ms": 5, "groupId": "g"}')
    two = parse_job(b'{"tests": [{"stdio": {"expectedStdout": "a"}}], "timeoutMs": 5, "group_id": "g"}')
    assert one == two
    assert one.tests[0].stdio.expected_stdout == "a"


def test_everything_that_the_contract_has_can_be_written() -> None:
    request = parse_job(
        b'{"id": "a", "program": {"language": "c", "files": [{"path": "m.c", "data": "aGk="}], "main": "m.c"},'
        b'"tests": [{"id": "t", "weight": 2, "visibility": "PUBLIC", "limits": {"memoryBytes": "99"},'
        b'"stdio": {"stdin_bytes": "AAE", "comparator": {"name": "floats", "params": {"x": [{"y": null}]}}}}],'
        b'"seed": "18446744073709551615", "stop": "FIRST_FAILURE", "reward": null}'
    )
    assert request.program.files[0].data == b"hi"
    assert request.tests[0].stdio.stdin_bytes == b"\0\1"
    assert request.tests[0].limits.memory_bytes == 99
    assert request.seed == 2**64 - 1
    assert request.stop == job_pb2.FIRST_FAILURE


@pytest.mark.parametrize(
    ("text", "field", "parts"),
    [
        ('{"progam": {}}', "progam", ["no such field", "did you mean 'program'?"]),
        ('{"tests": [{}, {"stdio": {"expectedStdot": ""}}]}', "tests[1].stdio.expectedStdot", ["'expected_stdout'"]),
        ('{"limits": {"cpuTimeMs": -1}}', "limits.cpuTimeMs", ["-1"]),
        ('{"id": 5}', "id", ["int"]),
        ('{"stop": "SOMETIMES"}', "stop", ["SOMETIMES", "StopRule"]),
        ('{"tests": {}}', "tests", ["is an object, and has to be a list"]),
        ('{"program": "print()"}', "program", ["is a string, and has to be an object"]),
        ('{"tests": [null]}', "tests[0]", ["is null, and has to be an object"]),
        ('{"tests": [{"stdio": {}, "call": {}}]}', "tests[0]", ["oneof"]),
        ('{"program": {"files": [{"path": "a", "data": "%%%"}]}}', "program.files[0].data", ["is not base64"]),
        ('{"seed": 1.5}', "seed", ["1.5"]),
        ('{"id": "\\ud800"}', "id", ["surrogate"]),
        ('{"id": "a", "id": "b"}', "id", ["is given twice"]),
        ('{"reward": {"params": {"x": NaN}}}', "", ["NaN"]),
        ('{"reward": {"params": {"x": 1e999}}}', "", ["1e999"]),
        ("[]", "", ["is a list, and has to be an object"]),
        ('{"id": ', "", ["is not JSON"]),
        ("[" * 100_000, "", ["nested"]),
        ('{"reward": {"params": ' + '{"x":' * 500 + "1" + "}" * 500 + "}}", "", []),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_a_bad_line_names_its_field_and_the_way_out(text: str, field: str, parts: list[str]) -> None:
    with pytest.raises(JobError) as caught:
        parse_job(text.encode())
    if field:
        assert caught.value.field == field
    for part in parts:
        assert part in f"{caught.value.message} {caught.value.suggestion}"


def test_bad_lines_stand_between_good_ones() -> None:
    jobs = read(b'{"id": "a"}', b"\xff", b"", b"oops", b'{"id": "b", "progam": 1}', b'{"id": "c"}')
    assert [(job.number, job.id, job.error is None) for job in jobs] == [
        (1, "a", True),
        (2, "line-2", False),
        (4, "line-4", False),
        (5, "b", False),
        (6, "c", True),
    ]


def test_a_job_without_an_id_is_called_after_its_line() -> None:
    (job,) = read(b"", b'{"policy": "strict"}')
    assert job.request is not None
    assert (job.id, job.request.id) == ("line-2", "line-2")


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read(b'\xef\xbb\xbf{"id": "a"}')[0].id == "a"


def test_a_file_is_read_no_further_than_it_is_asked_for() -> None:
    class Endless(io.RawIOBase):
        def __init__(self) -> None:
            self.given = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            line = b'{"id": "a"}\n'
            self.given += 1
            buffer[: len(line)] = line
            return len(line)

    source = Endless()
    jobs = [*itertools.islice(read_jobs(io.BufferedReader(source, 12)), 5)]
    assert len(jobs) == 5
    assert source.given < 20


def test_an_over_long_line_is_rejected_and_the_next_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.cli.jobs.MAX_LINE", 64)
    long, short = read(json.dumps({"id": "a" * 200}).encode(), b'{"id": "b"}')
    assert long.error is not None
    assert "more than 64 bytes" in long.error.message
    assert short.id == "b"


def test_a_file_that_cannot_be_read_is_an_expected_failure(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="cannot read"), open_jobs(str(tmp_path)):
        pass

"""Programs times tests, as a `MatrixRequest`.

    client.matrix(
        completions,
        examples=Job().stdio("2\\n", "4\\n"),
        inputs=["3\\n", "-1\\n"],
        only_survivors=True,
    )

Every name is the proto's own; `proto/sandbox/v1/matrix.proto` says what each means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

from sandbox.client.errors import Rejected
from sandbox.client.fields import Text, limits_message, plain_json, put_text, unicode_text
from sandbox.client.job import AnyJob, as_request
from sandbox.v1 import job_pb2, matrix_pb2

# A program: its source, or whole.
AnyProgram = str | job_pb2.Program
# How programs are given, wherever a matrix is asked for: one by one, or with all that is asked of them.
Programs = Iterable[AnyProgram] | matrix_pb2.MatrixRequest
# An input: what is on standard input, or the arguments of a call, or a test without an expectation.
AnyInput = Text | Sequence[object] | job_pb2.Test


class MatrixOptions(TypedDict, total=False):
    """Keyword arguments of `client.matrix`.

    `examples`         a job whose tests they are, or the tests
    `inputs`           text or bytes are standard input; a list or tuple is the arguments of a call of `entry_point`
    `generated_tests`  text is the code of asserts
    `language`         of programs that name none; "python" where it is left out
    `entry_point`      of programs that name none
    """

    id: str
    examples: AnyJob | Iterable[job_pb2.Test]
    inputs: Iterable[AnyInput]
    generated_tests: Iterable[str | job_pb2.Test]
    language: str
    entry_point: str
    policy: str
    limits: Mapping[str, int]
    seed: int | None
    ignore_exit_code: bool
    output_clip_bytes: int
    only_survivors: bool


def as_matrix_request(programs: Programs, options: MatrixOptions) -> matrix_pb2.MatrixRequest:
    """The message of either form; a whole request takes no options. Raises Rejected."""
    if not isinstance(programs, matrix_pb2.MatrixRequest):
        return matrix_request(programs, **options)
    if options:
        raise Rejected(next(iter(options)), "is given beside a whole request", "set it in the request")
    return programs


def matrix_request(
    programs: Iterable[AnyProgram],
    *,
    id: str = "",
    examples: AnyJob | Iterable[job_pb2.Test] = (),
    inputs: Iterable[AnyInput] = (),
    generated_tests: Iterable[str | job_pb2.Test] = (),
    language: str = "python",
    entry_point: str = "",
    policy: str = "",
    limits: Mapping[str, int] | None = None,
    seed: int | None = None,
    ignore_exit_code: bool = False,
    output_clip_bytes: int = 0,
    only_survivors: bool = False,
) -> matrix_pb2.MatrixRequest:
    """The request. Raises Rejected for what is no plain data."""
    return matrix_pb2.MatrixRequest(
        id=id,
        programs=[_program(each, entry_point) for each in programs],
        language=language,
        examples=_tests(examples),
        inputs=[_input(number, each) for number, each in enumerate(inputs)],
        generated_tests=[_asserts(each) for each in generated_tests],
        policy=policy,
        limits=limits_message("limits", limits) if limits else None,
        seed=seed,
        ignore_exit_code=ignore_exit_code,
        output_clip_bytes=output_clip_bytes,
        only_survivors=only_survivors,
    )


def _program(given: AnyProgram, entry_point: str) -> job_pb2.Program:
    if isinstance(given, str):
        return job_pb2.Program(source=unicode_text(given), entry_point=entry_point)
    if given.entry_point or not entry_point:
        return given
    program = job_pb2.Program()
    program.CopyFrom(given)
    program.entry_point = entry_point
    return program


def _tests(given: AnyJob | Iterable[job_pb2.Test]) -> Iterable[job_pb2.Test]:
    return given if isinstance(given, Iterable) else as_request(given).tests


def _input(number: int, given: AnyInput) -> job_pb2.Test:
    if isinstance(given, job_pb2.Test):
        return given
    test = job_pb2.Test()
    if isinstance(given, str | bytes):
        test.stdio.SetInParent()
        put_text(test.stdio, "stdin", given)
    else:
        test.call.args_json = plain_json(f"inputs[{number}].call.args_json", list(given))
    return test


def _asserts(given: str | job_pb2.Test) -> job_pb2.Test:
    if isinstance(given, job_pb2.Test):
        return given
    return job_pb2.Test(asserts=job_pb2.AssertsTest(code=unicode_text(given)))

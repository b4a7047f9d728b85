"""Programs times tests: what is asked, what a cell says, and whose fault it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import grpc
import pytest

from sandbox.errors import JobError
from sandbox.matrix import fill
from sandbox.matrix.fill import MOST_FAULTS
from sandbox.pipeline import Pipeline
from sandbox.settings import Settings
from sandbox.v1 import job_pb2, matrix_pb2, reward_pb2_grpc, verdict_pb2
from tests.jail.cells import catalog_of_python
from tests.server.jobs import connected, rejected, serving_with

Stub = reward_pb2_grpc.RewardServiceStub
DOUBLE, SQUARE, CRASH = "print(int(input()) * 2)", "print(int(input()) ** 2)", "raise KeyError(input())"
OK, WRONG, CRASHED, SKIPPED = (
    verdict_pb2.ACCEPTED, verdict_pb2.WRONG_ANSWER, verdict_pb2.RUNTIME_ERROR, verdict_pb2.SKIPPED,
)  # fmt: skip


def reads(stdin: str, expected: str | None = None) -> job_pb2.Test:
    return job_pb2.Test(stdio=job_pb2.StdioTest(stdin=stdin, expected_stdout=expected))


def calls(args: str) -> job_pb2.Test:
    return job_pb2.Test(call=job_pb2.CallTest(args_json=args))


def asserts(code: str) -> job_pb2.Test:
    return job_pb2.Test(asserts=job_pb2.AssertsTest(code=code))


def matrix(*sources: str, entry_point: str = "", **fields: Any) -> matrix_pb2.MatrixRequest:
    programs = [job_pb2.Program(source=source, entry_point=entry_point) for source in sources]
    return matrix_pb2.MatrixRequest(programs=programs, language="python", **fields)


def statuses(cells: Sequence[matrix_pb2.Cell]) -> list[int]:
    return [cell.status for cell in cells]


def passed(cells: Sequence[matrix_pb2.Cell]) -> list[bool | None]:
    return [cell.passed if cell.HasField("passed") else None for cell in cells]


def prints(cells: Sequence[matrix_pb2.Cell]) -> list[str]:
    return [cell.fingerprint for cell in cells]


class Machine:
    """A pipeline whose machine fails at some tests, and says of the others that they passed."""

    def __init__(self, fails: Callable[[job_pb2.Program, str], bool], accepts: Callable[[str], bool]) -> None:
        self.catalog = catalog_of_python()
        self.asked: list[list[str]] = []
        self._fails, self._accepts = fails, accepts

    async def score(self, request: job_pb2.ScoreRequest) -> verdict_pb2.ScoreResponse:
        self.asked.append([test.id for test in request.tests])
        answer = verdict_pb2.ScoreResponse(id=request.id)
        results = []
        for test in request.tests:
            if self._fails(request.program, test.id):
                fault = verdict_pb2.Fault(kind=verdict_pb2.JAIL, message="no jail", finished=results, test_id=test.id)
                answer.fault.CopyFrom(fault)
                return answer
            status = OK if self._accepts(test.id) else WRONG
            results.append(verdict_pb2.TestResult(id=test.id, status=status))
        answer.verdict.tests.extend(results)
        return answer


async def filled(
    request: matrix_pb2.MatrixRequest,
    fails: Callable[[job_pb2.Program, str], bool],
    accepts: Callable[[str], bool] = lambda test: True,
) -> tuple[matrix_pb2.MatrixResponse, Machine]:
    machine = Machine(fails, accepts)
    return await fill(request, cast(Pipeline, machine), Settings(cells=1)), machine


TWO = matrix(DOUBLE, SQUARE, examples=[reads("1", "2")], inputs=[reads("3"), reads("4")])


async def test_a_fault_is_one_cell_and_the_other_cells_of_its_program_are_filled() -> None:
    answer, machine = await filled(TWO, lambda program, test: program.source == DOUBLE and test == "1")
    first, second = answer.rows
    assert [cell.fault for cell in first.inputs] == [verdict_pb2.JAIL, 0]
    assert statuses(first.inputs) == [verdict_pb2.STATUS_UNSPECIFIED, OK]
    assert passed(first.examples) == [True]
    assert first.fault_message == "no jail"
    assert not any(cell.fault for cell in (*second.examples, *second.inputs))
    assert machine.asked == [["0", "1", "2"], ["2"], ["0", "1", "2"]]


async def test_a_machine_that_fails_at_everything_is_not_asked_for_every_test() -> None:
    request = matrix(DOUBLE, inputs=[reads(str(number)) for number in range(50)])
    answer, machine = await filled(request, lambda program, test: True)
    assert len(machine.asked) == MOST_FAULTS
    assert [cell.fault for cell in answer.rows[0].inputs] == [verdict_pb2.JAIL] * 50


async def test_an_example_that_is_unknown_holds_no_program_back() -> None:
    request = matrix_pb2.MatrixRequest(only_survivors=True)
    request.MergeFrom(TWO)
    answer, _ = await filled(request, lambda program, test: test == "0")
    assert statuses(answer.rows[0].inputs) == [OK, OK]


async def test_an_example_that_failed_ends_a_program_also_when_another_is_unknown() -> None:
    request = matrix(DOUBLE, examples=[reads(str(n), "2") for n in range(3)], inputs=[reads("3")], only_survivors=True)
    answer, machine = await filled(request, lambda program, test: test == "1", lambda test: test != "0")
    assert statuses(answer.rows[0].examples) == [WRONG, verdict_pb2.STATUS_UNSPECIFIED, SKIPPED]
    assert statuses(answer.rows[0].inputs) == [SKIPPED]
    assert machine.asked == [["0", "1", "2"]]


Bad = tuple[matrix_pb2.MatrixRequest, str, str]
BAD: dict[str, Bad] = {
    "no programs": (matrix(inputs=[reads("")]), "programs", "at least one"),
    "no tests": (matrix(DOUBLE), "inputs", "generated_tests"),
    "no language": (
        matrix_pb2.MatrixRequest(programs=[job_pb2.Program(source="x")], inputs=[reads("")]),
        *("programs[0].language", "'python'"),
    ),
    "a second program that is none": (
        matrix_pb2.MatrixRequest(
            programs=[job_pb2.Program(source=DOUBLE), job_pb2.Program(argv=["\0"])],
            language="python",
            inputs=[reads("")],
        ),
        *("programs[1].argv", ""),
    ),
    "an input that expects something": (
        matrix(DOUBLE, examples=[reads("", "1")], inputs=[reads(""), reads("", "1")]),
        *("inputs[1].stdio.expected_stdout", "leave"),
    ),
    "an example that observes": (matrix(DOUBLE, examples=[job_pb2.Test(observe=True)]), "examples[0]", "inputs"),
    "a test that is none": (matrix(DOUBLE, inputs=[job_pb2.Test()]), "inputs[0]", "stdio"),
    "asserts among the inputs": (matrix(DOUBLE, inputs=[asserts("assert f(1)")]), "inputs[0].observe", "stdio or call"),
    "arguments that are no JSON": (
        matrix(DOUBLE, entry_point="f", examples=[reads("", "1")], inputs=[calls("[")]),
        *("inputs[0].call.args_json", ""),
    ),
    "generated code that does not compile": (
        matrix(
            DOUBLE, entry_point="f", inputs=[reads("")], generated_tests=[asserts("assert f(1) == 1"), asserts("(")]
        ),
        *("generated_tests[1].asserts.code", "at least one assert"),
    ),
    "a policy that is misspelt": (matrix(DOUBLE, inputs=[reads("")], policy="defualt"), "policy", "'default'"),
    "limits beyond the policy": (
        matrix(DOUBLE, inputs=[reads("")], limits=job_pb2.Limits(cpu_time_ms=10**9)),
        *("limits.cpu_time_ms", ""),
    ),
    "more cells than a call may have": (matrix(*[DOUBLE] * 11, inputs=[reads("")] * 10), "programs", "at a time"),
    "more output than an answer holds": (
        matrix(DOUBLE, inputs=[reads("")], output_clip_bytes=1 << 30),
        *("output_clip_bytes", "less"),
    ),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_request_names_the_field_and_the_way_out_and_nothing_runs(name: str) -> None:
    request, field, fix = BAD[name]
    machine = Machine(lambda program, test: False, lambda test: True)
    with pytest.raises(JobError) as raised:
        await fill(request, cast(Pipeline, machine), Settings(matrix_cells=100))
    assert raised.value.field == field
    assert fix in raised.value.suggestion
    assert machine.asked == []


@pytest.mark.jail
def test_every_program_runs_with_every_test(rewards: Stub) -> None:
    request = matrix(
        DOUBLE, SQUARE, CRASH, "print(", id="m",
        examples=[reads("2", "4\n"), reads("3", "6\n")],
        inputs=[reads("0"), reads("2"), reads("5")],
    )  # fmt: skip
    answer = rewards.Matrix(request)
    double, square, crash, broken = answer.rows
    assert answer.id == "m"
    assert [passed(row.examples) for row in answer.rows] == [
        [True, True],
        [True, False],
        [False, False],
        [False, False],
    ]
    assert statuses(double.inputs) == statuses(square.inputs) == [OK] * 3
    assert prints(double.inputs)[:2] == prints(square.inputs)[:2]
    assert prints(double.inputs)[2] != prints(square.inputs)[2]
    assert statuses(crash.inputs) == [CRASHED] * 3
    assert [cell.error_class for cell in crash.inputs] == ["KeyError"] * 3
    assert statuses(broken.inputs) == [verdict_pb2.COMPILE_ERROR] * 3
    assert prints(crash.inputs) == prints(broken.inputs) == [""] * 3
    assert not any(cell.stdout for row in answer.rows for cell in row.inputs)
    assert answer.usage.cpu_ms > 0
    assert answer.usage.total_ms > 0


@pytest.mark.jail
def test_values_agree_as_py_eq_has_it(rewards: Stub) -> None:
    bodies = [
        "return [n, n / 1]",
        "return (n / 1, n)",
        "return [n, str(n)]",
        "return object()",
        "raise OSError",
        "return n",
    ]
    sources = [f"def f(n):\n    {body}" for body in bodies]
    rows = rewards.Matrix(matrix(*sources, entry_point="f", inputs=[calls("[3]")])).rows
    cells = [row.inputs[0] for row in rows]
    assert statuses(cells) == [OK, OK, OK, WRONG, CRASHED, OK]
    assert cells[0].fingerprint == cells[1].fingerprint
    assert len({cell.fingerprint for cell in cells if cell.fingerprint}) == 3
    assert cells[4].error_class == "OSError"


@pytest.mark.jail
def test_generated_asserts_pass_or_fail_program_by_program(rewards: Stub) -> None:
    sources = ["def f(n):\n    return n * 2", "def f(n):\n    return n ** 2"]
    tests = [asserts("assert f(2) == 4"), asserts("assert f(3) == 6"), asserts("assert f(3) == 10")]
    rows = rewards.Matrix(matrix(*sources, entry_point="f", generated_tests=tests)).rows
    assert [passed(row.generated_tests) for row in rows] == [[True, True, False], [True, False, False]]


@pytest.mark.jail
def test_equal_programs_share_a_row_and_run_once(rewards: Stub) -> None:
    source = "import random\nprint(random.random())"
    answer = rewards.Matrix(matrix(source, DOUBLE, source, inputs=[reads("1")]))
    assert [list(row.programs) for row in answer.rows] == [[0, 2], [1]]


@pytest.mark.jail
def test_a_seed_makes_programs_that_roll_dice_agree(rewards: Stub) -> None:
    sources = ["import random\nprint(random.random())", "import random\nprint( random.random())"]
    rows = rewards.Matrix(matrix(*sources, inputs=[reads("1")], seed=5)).rows
    assert prints(rows[0].inputs) == prints(rows[1].inputs) != [""]
    rows = rewards.Matrix(matrix(*sources, inputs=[reads("1")])).rows
    assert prints(rows[0].inputs) != prints(rows[1].inputs)


@pytest.mark.jail
def test_the_fingerprint_is_of_the_whole_output_and_what_comes_back_is_as_much_as_was_asked_for(rewards: Stub) -> None:
    sources = [f"print('x' * 300_000 + '{end}')" for end in ("a", "b", "a ")]
    rows = rewards.Matrix(matrix(*sources, inputs=[reads("")], output_clip_bytes=10)).rows
    first, second, third = (row.inputs[0] for row in rows)
    assert first.fingerprint == third.fingerprint != second.fingerprint
    assert first.stdout == second.stdout == "x" * 10
    assert first.stdout_size == 300_002


@pytest.mark.jail
def test_an_output_that_was_cut_off_has_no_fingerprint(rewards: Stub) -> None:
    limits = job_pb2.Limits(output_bytes=100_000)
    rows = rewards.Matrix(matrix("print('x' * 300_000)", inputs=[reads("")], limits=limits)).rows
    assert statuses(rows[0].inputs) == [verdict_pb2.OUTPUT_LIMIT]
    assert prints(rows[0].inputs) == [""]


@pytest.mark.jail
def test_only_survivors_of_the_examples_run_on_when_that_is_asked(rewards: Stub) -> None:
    examples, inputs = [reads("2", "4\n"), reads("3", "6\n"), reads("4", "8\n")], [reads("5")]
    rows = rewards.Matrix(matrix(DOUBLE, SQUARE, examples=examples, inputs=inputs, only_survivors=True)).rows
    assert [statuses(row.examples) for row in rows] == [[OK] * 3, [OK, WRONG, SKIPPED]]
    assert passed(rows[1].examples) == [True, False, None]
    assert [statuses(row.inputs) for row in rows] == [[OK], [SKIPPED]]


@pytest.mark.jail
def test_a_program_cannot_read_what_its_examples_expect(rewards: Stub) -> None:
    search = """
import glob, os, sys
held = [open(path, "rb").read() for path in glob.glob("**", recursive=True) if os.path.isfile(path)]
print(any("hidden-answer-" + str(number) in repr([held, sys.argv, dict(os.environ)]) for number in (37,)), len(held))
"""
    request = matrix(search, examples=[reads("", "hidden-answer-37\n")], inputs=[reads("")], output_clip_bytes=100)
    assert [cell.stdout for cell in rewards.Matrix(request).rows[0].inputs] == ["False 1\n"]


@pytest.mark.jail
def test_a_bad_request_is_a_status_that_names_the_field(rewards: Stub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        rewards.Matrix(matrix(DOUBLE, inputs=[reads("", "1")]))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert rejected(caught.value).field == "inputs[0].stdio.expected_stdout"


@pytest.mark.jail
def test_time_that_is_over_ends_the_call(rewards: Stub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        rewards.Matrix(matrix("import time\ntime.sleep(60)", inputs=[reads("")] * 9, timeout_ms=300))
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert rewards.Matrix(matrix("", "print(1)", inputs=[reads("")])).rows


@pytest.mark.jail
def test_a_server_says_how_many_cells_it_fills_and_fills_no_more(homes: str) -> None:
    with serving_with(homes, matrix_cells=4) as server, connected(server) as stub:
        request = matrix(DOUBLE, SQUARE, inputs=[reads("1"), reads("2")])
        assert len(stub.Matrix(request).rows) == 2
        request.inputs.append(reads("3"))
        with pytest.raises(grpc.RpcError) as caught:
            stub.Matrix(request)
        assert rejected(caught.value).field == "programs"

"""`sandbox select`: which of many programs are picked, and what is said when something is missing."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.cli.candidates import candidates_of, read_candidates
from sandbox.cli.exits import Exit
from sandbox.cli.picked import Picked, report_data
from sandbox.cli.selecting import Options, report_on
from sandbox.errors import JobError
from sandbox.v1 import job_pb2, matrix_pb2, verdict_pb2
from tests.cli.command import Command, lines
from tests.cli.conftest import Here
from tests.serving import Serving

RIGHT = [f"n = int(input())\nprint(n * 2{' ' * pad})" for pad in range(8)]
# Passes the examples, 2 and 3, and is wrong for what is negative.
TEMPTING = [f"n = int(input())\nprint(abs(n) * 2{' ' * pad})" for pad in range(5)]
LUCKY = [f"n = int(input())\nprint({{2: 4, 3: 6}}[n]{' ' * pad})" for pad in range(4)]
WRONG = [f"n = int(input())\nprint(n ** 2{' ' * pad})" for pad in range(3)]
EXAMPLES = [{"input": "2\n", "output": "4\n"}, {"input": "3\n", "output": "6\n"}]
# A wrong program that passes the examples is the first of all.
PLANTED = {
    "id": "planted",
    "programs": [*TEMPTING, *LUCKY, *WRONG, *RIGHT],
    "examples": EXAMPLES,
    "inputs": ["-1\n", "0\n", "7\n"],
    "tests": [{"input": "-5\n", "output": "-10\n"}, {"input": "100\n", "output": "200\n"}],
}
CALLS = {
    "id": "calls",
    "entry_point": "f",
    "programs": [f"def f(items):\n    return {body}" for body in ("sorted(items)", "items", "tuple(sorted(items))")],
    "examples": {"inputs": [[[1, 2]]], "outputs": [[1, 2]], "fn_name": "f"},
    "generated_tests": [
        *("assert f([2, 1]) == [1, 2]", "assert f([", "assert f([3, 1, 2]) == [1, 2, 3]", "assert f([2, 1]) == [2, 1]"),
    ],
}


def problem(**fields: Any) -> dict[str, Any]:
    return {"id": "p", "programs": ["a", "b"], **fields}


def line(**fields: Any):
    (found,) = read_candidates_of(problem(**fields))
    return found


def read_candidates_of(*problems: dict[str, Any] | str):
    return list(read_candidates(io.BytesIO(lines(*problems))))


class Matrices:
    """Answers for a server: `cell` says what each cell is."""

    def __init__(self, cell: Callable[[str, job_pb2.Test], matrix_pb2.Cell]) -> None:
        self.asked: list[matrix_pb2.MatrixRequest] = []
        self._cell = cell

    async def __call__(self, request: matrix_pb2.MatrixRequest) -> matrix_pb2.MatrixResponse:
        kept = matrix_pb2.MatrixRequest()
        kept.CopyFrom(request)
        self.asked.append(kept)
        for place, test in enumerate(request.generated_tests):
            if "(" not in test.asserts.code:
                raise JobError(f"generated_tests[{place}].asserts.code", "holds no assert")
        answer = matrix_pb2.MatrixResponse(id=request.id)
        for place, program in enumerate(request.programs):
            row = answer.rows.add(programs=[place])
            for part in ("examples", "inputs", "generated_tests"):
                getattr(row, part).extend(self._cell(program.source, test) for test in getattr(request, part))
            if any(cell.fault for cell in (*row.examples, *row.inputs, *row.generated_tests)):
                row.fault_message = "no jail"
        return answer


def same(source: str, test: job_pb2.Test) -> matrix_pb2.Cell:
    return matrix_pb2.Cell(status=verdict_pb2.ACCEPTED, passed=True, fingerprint="sha256:0")


def options(method: str = "alphacode", k: int = 1, inputs: int = 0) -> Options:
    return Options(method, k, inputs, 0)


def test_every_shape_of_a_problem_is_read() -> None:
    found = candidates_of(
        problem(
            programs=["a", {"source": "b", "language": "c"}],
            entry_point="f",
            language="cpp",
            policy="strict",
            limits={"cpu_time_ms": 500},
            examples=["assert f(1) == 2"],
            setup="import math",
            inputs=["1\n", [1, [2]], {"stdin": "2"}, {"call": {"args_json": "[3]"}}],
            generated_tests=["assert f(2) == 3", {"input": "1", "output": "2"}],
            tests='[{"input": "1", "output": "2"}]',
        ),
        "p",
    )
    request = found.request
    assert (request.id, request.language, request.policy, request.limits.cpu_time_ms) == ("p", "cpp", "strict", 500)
    assert [(each.source, each.language, each.entry_point) for each in request.programs] == [
        ("a", "", "f"),
        ("b", "c", "f"),
    ]
    assert (request.examples[0].asserts.code, request.examples[0].asserts.setup) == ("assert f(1) == 2", "import math")
    assert [each.stdio.stdin or each.call.args_json for each in request.inputs] == ["1\n", "[1, [2]]", "2", "[3]"]
    assert [each.WhichOneof("kind") for each in request.generated_tests] == ["asserts", "stdio"]
    assert found.hidden[0].stdio.expected_stdout == "2"
    assert found.programs == ("a", {"source": "b", "language": "c"})


def test_arguments_are_those_of_the_function_that_the_examples_name() -> None:
    request = candidates_of({**CALLS, "inputs": [[[5, 4]]]}, "calls").request
    assert (request.inputs[0].call.function, request.inputs[0].call.args_json) == ("f", "[[5, 4]]")


BAD = {
    "programs": problem(programs=[]),
    "programs[1]": problem(programs=["a", 1]),
    "examples[0]": problem(examples=[{"input": "1"}]),
    "examples": problem(examples={"tests_ref": "sha256:0", "tests": []}),
    "inputs": problem(inputs="1"),
    "inputs[0]": problem(inputs=[{"what": 1}]),
    "generated_tests[1]": problem(generated_tests=["assert f(1)", 5]),
    "limits": problem(limits={"cpu": 1}),
}


@pytest.mark.parametrize("field", BAD)
def test_what_is_wrong_with_a_problem_names_its_key(field: str) -> None:
    with pytest.raises(JobError) as raised:
        candidates_of(BAD[field], "p")
    assert raised.value.field.startswith(field)
    assert raised.value.suggestion


def test_a_line_that_is_no_problem_does_not_hide_those_after_it() -> None:
    found = read_candidates_of("{", "[]", problem(id=7), problem())
    assert [(each.number, each.id, each.error is None) for each in found] == [
        *((1, "line-1", False), (2, "line-2", False), (3, "7", True), (4, "p", True)),
    ]


async def test_the_method_gets_what_it_needs_and_nothing_else() -> None:
    everything = {"examples": EXAMPLES, "inputs": ["5\n"], "generated_tests": ["assert f(1) == 2"]}
    for method, sizes in {"alphacode": (2, 1, 0), "mbr": (2, 1, 0), "codet": (2, 0, 1)}.items():
        ask = Matrices(same)
        await report_on(line(**everything), ask, options(method))
        (request,) = ask.asked
        assert (len(request.examples), len(request.inputs), len(request.generated_tests)) == sizes
        assert request.only_survivors
        assert request.seed == 0


async def test_inputs_are_made_of_the_examples_beside_those_that_are_given() -> None:
    ask = Matrices(same)
    await report_on(line(examples=EXAMPLES, inputs=["5\n"]), ask, options(inputs=6))
    assert len({test.stdio.stdin for test in ask.asked[0].inputs}) == 7


@pytest.mark.parametrize(
    ("fields", "method", "inputs", "said"),
    [
        ({"examples": EXAMPLES}, "alphacode", 0, "--inputs 20"),
        ({"examples": EXAMPLES}, "mbr", 0, "--inputs 20"),
        ({}, "alphacode", 5, "give examples"),
        ({"examples": ["assert f(1) == 2"]}, "alphacode", 5, "of kind stdio or call"),
        ({"examples": EXAMPLES, "inputs": ["1"]}, "codet", 0, "assert f(1) == 2"),
    ],
)
async def test_what_is_missing_is_said_with_the_way_out_and_nothing_runs(fields, method, inputs, said) -> None:
    ask = Matrices(same)
    report = await report_on(line(**fields), ask, options(method, inputs=inputs))
    assert said in report.error
    assert (report.selection, ask.asked) == (None, [])


async def test_generated_tests_that_are_refused_are_left_out_and_the_others_keep_their_numbers() -> None:
    ask = Matrices(same)
    given = line(generated_tests=["assert f(0)", "none", "assert f(1)", "neither", "assert f(2)"])
    report = await report_on(given, ask, options("codet"))
    assert report_data(report, options("codet"))["groups"] == [{"programs": [0, 1], "score": 6.0, "tests": [0, 2, 4]}]
    assert report.notes == ["generated tests that were refused, and left out: 2"]
    report = await report_on(line(generated_tests=["none"]), ask, options("codet"))
    assert "generated_tests[0]" in report.error


async def test_faults_are_left_out_and_said() -> None:
    def cell(source: str, test: job_pb2.Test) -> matrix_pb2.Cell:
        return matrix_pb2.Cell(fault=verdict_pb2.JAIL) if source == "a" else same(source, test)

    report = await report_on(line(inputs=["1", "2"]), Matrices(cell), options(k=2))
    data = report_data(report, options(k=2))
    assert (data["picks"], data["left_out"], data["faults"]) == ([1, 0], [0], 2)
    assert data["notes"] == ["cells that are unknown by a fault of ours, and left out: 2 (no jail)"]


async def test_hidden_tests_are_run_for_the_picks_alone_and_select_nothing() -> None:
    def cell(source: str, test: job_pb2.Test) -> matrix_pb2.Cell:
        if test.id == "unknown" and source == "b":
            return matrix_pb2.Cell(fault=verdict_pb2.STARVED)
        passed = not (test.id == "hidden" and source == "a")
        status = verdict_pb2.ACCEPTED if passed else verdict_pb2.WRONG_ANSWER
        return matrix_pb2.Cell(status=status, passed=passed, fingerprint=f"sha256:{source}")

    hidden = [{"id": name, "stdio": {"stdin": "1"}} for name in ("hidden", "unknown")]
    ask = Matrices(cell)
    report = await report_on(line(programs=["a", "b", "c", "d"], inputs=["1"], tests=hidden), ask, options(k=3))
    assert report_data(report, options(k=3))["passed"] == [False, None, True]
    assert [program.source for program in ask.asked[1].programs] == ["a", "b", "c"]
    assert not (ask.asked[1].inputs or ask.asked[1].generated_tests)
    assert [test.id for test in ask.asked[1].examples] == ["hidden", "unknown"]
    assert not any(test.id for test in ask.asked[0].examples)


async def test_hidden_tests_that_are_refused_are_no_unsolved_problem() -> None:
    class Refuses(Matrices):
        async def __call__(self, request: matrix_pb2.MatrixRequest) -> matrix_pb2.MatrixResponse:
            if not request.inputs:
                raise JobError("examples[0].stdio.comparator.name", "there is none", "did you mean 'lines'?")
            return await super().__call__(request)

    given = line(inputs=["1"], tests=EXAMPLES)
    picked = Picked(options())
    picked.add(given, await report_on(given, Refuses(same), picked.options))
    assert picked.reports[0].error.startswith("tests[0].stdio.comparator.name: there is none")
    assert (picked.exit, picked.submissions) == (Exit.BAD, [])


async def counted(*problems: dict[str, Any], cell=same, k: int = 1) -> Picked:
    picked = Picked(options(k=k))
    for each in read_candidates_of(*problems):
        picked.add(each, await report_on(each, Matrices(cell), picked.options))
    return picked


async def test_the_exit_code_is_the_worst_of_all_problems() -> None:
    good, bad = problem(inputs=["1"]), problem()

    def fails(source: str, test: job_pb2.Test) -> matrix_pb2.Cell:
        return matrix_pb2.Cell(status=verdict_pb2.WRONG_ANSWER, passed=False)

    def broken(source: str, test: job_pb2.Test) -> matrix_pb2.Cell:
        return matrix_pb2.Cell(fault=verdict_pb2.JAIL)

    assert (await counted(good)).exit is Exit.ACCEPTED
    assert (await counted(problem(inputs=["1"], examples=EXAMPLES), cell=fails)).exit is Exit.NOT_ACCEPTED
    assert (await counted(problem(inputs=["1"], tests=EXAMPLES), cell=fails)).exit is Exit.NOT_ACCEPTED
    assert (await counted(good, bad)).exit is Exit.BAD
    assert (await counted(good, bad, cell=broken)).exit is Exit.FAULT


async def test_the_summary_gives_n_at_k_with_an_interval_over_problems() -> None:
    solved, unsolved = (problem(inputs=["1"], tests=[{"id": name, "stdio": {}}]) for name in ("yes", "no"))

    def cell(source: str, test: job_pb2.Test) -> matrix_pb2.Cell:
        passed = test.id != "no"
        status = verdict_pb2.ACCEPTED if passed else verdict_pb2.WRONG_ANSWER
        return matrix_pb2.Cell(status=status, passed=passed, fingerprint="sha256:0")

    picked = await counted(solved, solved, solved, unsolved, cell=cell, k=2)
    assert "1@2 = 0.750 (0.250 to 1.000); 2@2 = 0.750" in picked.summary()
    assert "n@k" not in (await counted(problem(inputs=["1"]))).summary()


def test_a_file_without_problems_is_bad_usage(here: Here) -> None:
    ended = here("select", "-", "--server", "unix:/nowhere", stdin=b"\n")
    assert (ended.code, ended.out) == (2, b"")
    assert "holds no problems" in ended.err


def test_a_server_that_does_not_answer_is_a_fault_of_ours(here: Here, tmp_path: Path) -> None:
    ended = here("select", "-", "--server", f"unix:{tmp_path}/none", stdin=lines(PLANTED))
    assert ended.code == 3
    assert "error[server]: no server answers" in ended.err


@pytest.mark.jail
def test_of_twenty_programs_the_right_ones_are_picked_though_a_wrong_one_passes_the_examples(
    sandbox: Command, tmp_path: Path
) -> None:
    out = tmp_path / "picks.jsonl"
    ended = sandbox("select", "-", "--k", "3", "--json", "--out", out, stdin=lines(PLANTED))
    assert ended.code == 0, ended.err
    report = ended.answers["planted"]
    kinds = {**dict.fromkeys(range(5), "tempting"), **dict.fromkeys(range(5, 9), "lucky")}
    assert [kinds.get(place, "right") for place in report["picks"]] == ["right", "tempting", "lucky"]
    assert [len(group["programs"]) for group in report["groups"]] == [8, 5, 4]
    assert (report["survivors"], report["faults"], report["error"]) == (17, 0, "")
    assert (report["passed"], report["solved"]) == ([True, False, False], True)
    (line,) = out.read_text().splitlines()
    assert json.loads(line) == {"id": "planted", "programs": [RIGHT[0], TEMPTING[0], LUCKY[0]]}


@pytest.mark.jail
@pytest.mark.parametrize("method", ["alphacode", "mbr", "mbr-share"])
def test_inputs_that_are_made_tell_the_right_programs_from_the_tempting_ones(
    sandbox: Command, server: Serving, method: str
) -> None:
    given = {**PLANTED, "inputs": []}
    ended = sandbox("select", "-", "--method", method, "--inputs", 12, "--server", server.address, stdin=lines(given))
    assert ended.code == 0, ended.err
    head, row, summary = ended.text.splitlines()
    assert head.split() == ["problem", "samples", "survivors", "clusters", "picks", "faults", "passed"]
    assert row.split()[:3] == ["planted", "20", "17"]
    assert row.split()[-1] == "yes"
    assert "1@20 = 1.000" in summary


@pytest.mark.jail
@pytest.mark.parametrize("method", ["codet", "codet-sqrt"])
def test_programs_and_generated_tests_agree_on_a_running_server(sandbox: Command, server: Serving, method: str) -> None:
    arguments = ("select", "-", "--method", method, "--json", "--server", server.address)
    ended = sandbox(*arguments, stdin=lines(CALLS, problem(id="none")))
    assert ended.code == 2
    report = ended.answers["calls"]
    assert [(group["programs"], group["tests"]) for group in report["groups"]] == [([0], [0, 2]), ([1], [3]), ([2], [])]
    assert report["notes"] == ["generated tests that were refused, and left out: 1"]
    assert "generated_tests" in ended.answers["none"]["error"]

"""One problem against a server that says what the test wants: what is asked, and what each answer leads to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.admission import Options, Proposal, Report, examine, report_data
from sandbox.v1 import job_pb2, verdict_pb2

Answer = verdict_pb2.ScoreResponse
GOLD = "the right one"


def request(*outputs: str, **fields: object) -> job_pb2.ScoreRequest:
    made = job_pb2.ScoreRequest(id="p", **fields)  # type: ignore[arg-type]
    made.program.language, made.program.source = "python", GOLD
    for output in outputs:
        made.tests.add(stdio=job_pb2.StdioTest(stdin="1", expected_stdout=output))
    return made


def verdict(job: job_pb2.ScoreRequest, status: str, output: str = "") -> Answer:
    answer = Answer()
    answer.verdict.status = verdict_pb2.Status.Value(status)
    for _ in job.tests:
        answer.verdict.tests.add(status=answer.verdict.status, stdout=output)
    return answer


class Server:
    """Accepts the right program and nothing else, but for what `answers` says by a part of the source."""

    def __init__(self, answers: dict[str, Callable[[job_pb2.ScoreRequest], Answer]] | None = None) -> None:
        self.asked: list[job_pb2.ScoreRequest] = []
        self._answers = answers or {}

    async def __call__(self, job: job_pb2.ScoreRequest) -> Answer:
        self.asked.append(job)
        for part, answer in self._answers.items():
            if part in job.program.source:
                return answer(job)
        return verdict(job, "ACCEPTED" if job.program.source == GOLD else "WRONG_ANSWER")


def fault(job: job_pb2.ScoreRequest) -> Answer:
    return Answer(fault=verdict_pb2.Fault(kind=verdict_pb2.JAIL, message="broken"))


def rejection(code: str) -> Callable[[job_pb2.ScoreRequest], Answer]:
    rejected = verdict_pb2.Rejected(code=code, field="policy", message="no such policy")  # type: ignore[arg-type]
    return lambda job: Answer(rejected=rejected)


async def report(server: Server, job: job_pb2.ScoreRequest, runs: int = 3) -> Report:
    return await examine(Proposal("p", job), server, Options(runs=runs))


async def test_a_good_problem_is_admitted_after_all_runs():
    server = Server()
    found = await report(server, request("1", "2"), runs=4)
    assert (found.admitted, found.reasons, found.notes) == (True, (), ())
    assert [each.program.source for each in server.asked].count(GOLD) == 4
    assert [each.label for each in found.runs] == ["gold"] * 4 + ["null", "echo", "prints '1'", "prints '2'"]


async def test_every_run_is_whole_alone_and_with_fresh_entropy():
    server = Server()
    job = request("1", seed=7, stop=job_pb2.DECIDED, coalesce=True, group_id="g", canaries=2, policy="strict")
    job.program.files.add(path="main.py", text="x")
    await report(server, job)
    for asked in server.asked:
        assert (asked.HasField("seed"), asked.stop, asked.coalesce, asked.group_id) == (False, job_pb2.NEVER, False, "")
        assert asked.policy == "strict"
        assert asked.canaries == (2 if asked.program.source == GOLD else 0)
        assert bool(asked.program.files) is (asked.program.source == GOLD)
    assert job.seed == 7


@pytest.mark.parametrize("part", [GOLD, "stdin"], ids=["the right program", "a weak one"])
async def test_a_fault_leaves_the_problem_undecided_and_is_no_reason(part: str):
    found = await report(Server({part: fault}), request("1", "2"))
    assert (found.admitted, found.reasons) == (None, ())
    assert all("JAIL: broken" in each for each in found.faults)
    assert found.faults
    assert report_data(found)["admitted"] is None


@pytest.mark.parametrize("code", ["RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "UNAVAILABLE", "CANCELLED"])
async def test_a_job_that_found_no_time_or_place_is_as_good_as_a_fault(code: str):
    found = await report(Server({GOLD: rejection(code)}), request("1"))
    assert found.admitted is None
    assert not found.bad
    assert code in found.faults[0]


async def test_a_job_that_cannot_be_run_is_bad_and_is_not_tried_further():
    server = Server({GOLD: rejection("NOT_FOUND")})
    found = await report(server, request("1"))
    assert (found.admitted, found.bad) == (False, True)
    assert found.reasons == ("bad: policy: no such policy",)
    assert len(server.asked) == 1


async def test_a_weak_program_that_proves_nothing_is_told():
    broken = Server({"stdin": lambda job: verdict(job, "COMPILE_ERROR"), "b'1'": rejection("INVALID_ARGUMENT")})
    found = await report(broken, request("1", "2"))
    assert found.admitted
    assert found.notes == (
        "weak program: 'echo' does not compile",
        "weak program: \"prints '1'\" was refused: policy: no such policy",
    )
    assert "echo" not in [each.label for each in found.runs]


async def test_tests_that_are_elsewhere_make_a_bad_line():
    found = await report(Server(), request(tests_ref="sha256:0"))
    assert found.bad
    assert "tests_ref" in found.reasons[0]


async def test_kinds_without_weak_programs_are_told():
    job = request("1")
    job.tests.add(suite=job_pb2.SuiteTest())
    found = await report(Server(), job)
    assert "no weak programs: python has none for suite tests" in found.notes


async def test_listed_answers_are_told_and_admitted():
    job = request("1", "2")
    job.tests[1].stdio.accepted.append("3")
    found = await report(Server(), job)
    assert found.admitted
    assert found.tests == (("0", ()), ("1", ("several_answers",)))


@pytest.mark.parametrize(
    ("expected", "printed", "told"),
    [
        ("1\n2\n3\n", "3\n1\n2\n", True),
        ("1 2 3", "3 1 2", True),
        ("1 2\n3 4\n", "2 1\n3 4\n", False),
        ("1 2", "1  2", False),
        ("1\n2\n", "1\n3\n", False),
    ],
)
async def test_an_output_that_failed_by_its_order_is_told(expected: str, printed: str, told: bool):
    found = await report(Server({GOLD: lambda job: verdict(job, "WRONG_ANSWER", printed)}), request(expected))
    assert found.admitted is False
    assert ("several_answers" in found.tests[0][1]) is told


def returning(*expected: str) -> job_pb2.ScoreRequest:
    job = request()
    job.program.entry_point = "f"
    for each in expected:
        job.tests.add(call=job_pb2.CallTest(expected_json=each))
    return job


async def test_a_value_that_failed_by_its_order_is_told_where_it_passes_in_any():
    def answer(job: job_pb2.ScoreRequest) -> Answer:
        in_order = job.tests[0].call.comparator.name != "unordered"
        return verdict(job, "WRONG_ANSWER" if in_order else "ACCEPTED")

    server = Server({GOLD: answer})
    found = await report(server, returning("[1, 2]", "[1]", "7", "[3, 4]"))
    assert [flags[-1] == "several_answers" for _, flags in found.tests] == [True, False, False, True]
    blind = [each for each in server.asked if each.tests[0].call.comparator.name == "unordered"]
    assert [len(each.tests) for each in blind] == [2, 2, 2]


async def test_a_value_that_passes_in_any_order_only_now_and_then_is_not_told():
    turns = iter(["ACCEPTED", "WRONG_ANSWER"])

    def answer(job: job_pb2.ScoreRequest) -> Answer:
        in_order = job.tests[0].call.comparator.name != "unordered"
        return verdict(job, "WRONG_ANSWER" if in_order else next(turns))

    found = await report(Server({GOLD: answer}), returning("[1, 2]"))
    assert "several_answers" not in found.tests[0][1]
    assert next(turns, None) is None

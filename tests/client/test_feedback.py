import pytest

from sandbox import FakeClient, Job
from sandbox.client.feedback import feedback
from sandbox.v1 import job_pb2, verdict_pb2

_SECRET = "s3cret"


def _job() -> Job:
    return (
        Job("x", feedback="ALL")
        .stdio("2\n", "4\n", public=True, id="example")
        .stdio(_SECRET, _SECRET, id=f"hidden {_SECRET}")
        .call([1], 2, public=True)
        .asserts("assert f(1) == 3", public=True, id="asserts")
    )


def _result(id: str, status: str, visibility: str = "PUBLIC", **fields: object) -> verdict_pb2.TestResult:
    return verdict_pb2.TestResult(id=id, status=status, visibility=visibility, **fields)


def _answer(**fields: object) -> verdict_pb2.ScoreResponse:
    tests = [
        _result("example", "WRONG_ANSWER", detail="line 1: 5 is not 4", stdout="5\n", stderr="a warning\n"),
        _result(f"hidden {_SECRET}", "WRONG_ANSWER", "HIDDEN", detail=_SECRET, stdout=_SECRET, stderr=_SECRET),
        _result("2", "ACCEPTED"),
        _result("asserts", "RUNTIME_ERROR", detail="TypeError"),
    ]
    defaults = {"tests": tests, "status": "WRONG_ANSWER", "reward": 0.123}
    return verdict_pb2.ScoreResponse(verdict=verdict_pb2.Verdict(**{**defaults, **fields}))


def test_public_tests_are_told_with_their_task_and_hidden_ones_are_not_even_named():
    assert feedback(_answer(), _job().request().tests) == (
        "1 of 3 public tests passed.\n\n"
        "Test example: WRONG_ANSWER\nline 1: 5 is not 4\n"
        "Its input:\n2\nThe expected output:\n4\nIts output:\n5\nIts error output:\na warning\n\n"
        "Test 2: ACCEPTED\n\n"
        "Test asserts: RUNTIME_ERROR\nTypeError\nIts code:\nassert f(1) == 3"
    )


def test_nothing_of_hidden_tests_is_told_even_when_the_answer_holds_it():
    client = FakeClient()
    for job in (_job(), _job().request(), None):
        text = client.feedback(_answer(), job)
        assert _SECRET not in text
        assert "0.123" not in text


def test_without_the_job_public_results_are_told_without_their_tasks():
    text = FakeClient().feedback(_answer())
    assert text.startswith("1 of 3 public tests passed.")
    assert "Its output:\n5" in text
    assert "Its input:" not in text


def test_tasks_of_another_job_are_not_told():
    other = Job("x").stdio("2\n", "4\n", public=True)
    assert FakeClient().feedback(_answer(), other) == FakeClient().feedback(_answer())


def test_a_test_is_told_only_when_answer_and_job_call_it_public():
    hidden = Job("x").stdio("2\n", "4\n", id="example")
    answer = _answer(tests=[_result("example", "WRONG_ANSWER", detail="line 1")])
    assert FakeClient().feedback(answer, hidden) == "There are no public tests."


def test_a_job_whose_suite_was_sent_is_known_by_its_ref():
    client = FakeClient()
    job = client.with_suite(_job())
    assert not job.request().tests
    assert client.feedback(_answer(), job) == client.feedback(_answer(), _job())


def test_a_suite_of_another_client_is_not_known():
    assert FakeClient().feedback(_answer(), FakeClient().with_suite(_job())) == FakeClient().feedback(_answer())


def test_a_failed_build_is_told_with_the_compilers_messages():
    build = verdict_pb2.Build(ok=False, messages="main.c:1: error: expected ';'\n")
    text = feedback(_answer(build=build), _job().request().tests)
    assert text == "The program does not compile.\nmain.c:1: error: expected ';'"


def test_a_source_that_does_not_compile_is_told_by_a_public_test():
    job = Job("x").stdio("", _SECRET).stdio("", "", public=True)
    results = [
        _result("0", "COMPILE_ERROR", "HIDDEN", stderr=_SECRET),
        _result("1", "COMPILE_ERROR", stderr="SyntaxError: line 1\n"),
    ]
    answer = _answer(tests=results, status="COMPILE_ERROR")
    assert feedback(answer, job.request().tests) == "The program does not compile.\nSyntaxError: line 1"
    assert feedback(answer, None) == feedback(answer, job.request().tests)


@pytest.mark.parametrize(
    "outcome", [{"fault": verdict_pb2.Fault(message=_SECRET)}, {"rejected": verdict_pb2.Rejected(message=_SECRET)}]
)
def test_an_answer_without_a_verdict_says_only_that(outcome):
    answer = verdict_pb2.ScoreResponse(**outcome)
    assert feedback(answer, _job().request().tests) == "The program was not judged."


def test_long_texts_are_cut_and_of_error_output_the_end_is_kept():
    job = Job("x").stdio("a" * 9000, "b", public=True)
    result = _result("0", "RUNTIME_ERROR", stdout="c" * 9000, stderr="d" * 9000 + "end")
    text = feedback(_answer(tests=[result]), job.request().tests)
    assert len(text) < 7000
    assert text.endswith("end")
    assert "a" * 2000 + "…" in text


def test_visibility_is_hidden_unless_it_is_said():
    assert job_pb2.Test().visibility == job_pb2.HIDDEN


def test_of_a_public_checker_test_the_input_is_told_and_neither_answer_nor_checker():
    job = (
        Job("x")
        .checker(_SECRET, "7\n", _SECRET, public=True, id="checked")
        .interactive(_SECRET, _SECRET, _SECRET, public=True, id="talked")
    )
    results = [
        _result("checked", "WRONG_ANSWER", detail="not a path", stdout="5\n"),
        _result("talked", "TIME_LIMIT", detail="waiting"),
    ]
    assert feedback(_answer(tests=results), job.request().tests) == (
        "0 of 2 public tests passed.\n\n"
        "Test checked: WRONG_ANSWER\nnot a path\nIts input:\n7\nIts output:\n5\n\n"
        "Test talked: TIME_LIMIT\nwaiting"
    )


def test_of_a_test_that_observes_nothing_is_said_to_be_expected():
    tests = [
        job_pb2.Test(observe=True, visibility="PUBLIC", stdio=job_pb2.StdioTest(stdin="2\n")),
        job_pb2.Test(observe=True, visibility="PUBLIC", call=job_pb2.CallTest(args_json="[1]")),
    ]
    results = [_result(str(number), "RUNTIME_ERROR", detail="exit code 1") for number in range(2)]
    assert feedback(_answer(tests=results), tests) == (
        "0 of 2 public tests passed.\n\n"
        "Test 0: RUNTIME_ERROR\nexit code 1\nIts input:\n2\n\n"
        "Test 1: RUNTIME_ERROR\nexit code 1\nIts arguments:\n[1]"
    )

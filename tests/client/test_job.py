import math
import pickle
from decimal import Decimal

import pytest
from google.protobuf import json_format

from sandbox import Job, Rejected
from sandbox.client.job import as_request
from sandbox.jail.init.plain import decode
from sandbox.v1 import job_pb2


def test_a_job_is_the_request_with_the_same_names():
    job = Job(
        "def f(): ...",
        language="python",
        entry_point="f",
        id="j1",
        scheme="fraction",
        scheme_params={"floor": 0.5},
        policy="strict",
        limits={"cpu_time_ms": 100},
        seed=0,
        stop="FIRST_FAILURE",
        group_id="prompt 7",
        coalesce=True,
        timeout_ms=5000,
        min_isolation="NAMESPACES",
        min_integrity="SPLIT",
        feedback="ALL",
        ignore_exit_code=True,
        output_clip_bytes=10,
        canaries=3,
        argv=["-x"],
    )
    assert json_format.MessageToDict(job.request(), preserving_proto_field_name=True) == {
        "id": "j1",
        "program": {"language": "python", "source": "def f(): ...", "entry_point": "f", "argv": ["-x"]},
        "reward": {"scheme": "fraction", "params": {"floor": 0.5}},
        "policy": "strict",
        "limits": {"cpu_time_ms": "100"},
        "seed": "0",
        "stop": "FIRST_FAILURE",
        "group_id": "prompt 7",
        "coalesce": True,
        "timeout_ms": 5000,
        "min_isolation": "NAMESPACES",
        "min_integrity": "SPLIT",
        "feedback": "ALL",
        "ignore_exit_code": True,
        "output_clip_bytes": 10,
        "canaries": 3,
    }


def test_what_is_not_said_is_not_in_the_request():
    assert Job("x").request() == job_pb2.ScoreRequest(program=job_pb2.Program(language="python", source="x"))


def test_stdio_tests_take_text_or_bytes():
    job = (
        Job("x")
        .stdio("1\n", "2\n", accepted=["two\n"], public=True, weight=2.0, group="g", id="a")
        .stdio(b"\xff", b"\xfe")
    )
    first, second = job.request().tests
    assert (first.stdio.stdin, first.stdio.expected_stdout, first.stdio.accepted) == ("1\n", "2\n", ["two\n"])
    assert (first.visibility, first.weight, first.group, first.id) == (job_pb2.PUBLIC, 2.0, "g", "a")
    assert (second.stdio.stdin_bytes, second.stdio.expected_stdout_bytes) == (b"\xff", b"\xfe")
    assert second.visibility == job_pb2.HIDDEN
    assert not first.stdio.HasField("comparator")


def test_a_comparator_takes_its_parameters_by_name():
    (test,) = Job("x").stdio("", "1.0", comparator="floats", abs_tol=1e-6, flags=["a"]).request().tests
    assert test.stdio.comparator.name == "floats"
    assert json_format.MessageToDict(test.stdio.comparator.params) == {"abs_tol": 1e-6, "flags": ["a"]}


@pytest.mark.parametrize(
    "value",
    [1, 2**80, 1.5, math.inf, "é", b"\x00", None, True, (1, [2]), {1, 2}, {1: "a"}, {"$x": 1}, 1j, Decimal("1.50")],
    ids=repr,
)
def test_call_tests_carry_any_plain_value(value):
    (test,) = Job("x").call([value], value, kwargs={"k": value}, function="f").request().tests
    assert test.call.function == "f"
    assert decode(test.call.args_json) == [value]
    assert decode(test.call.kwargs_json) == {"k": value}
    assert decode(test.call.expected_json) == value


def test_a_text_that_looks_like_an_opaque_value_is_plain():
    text = '{"$opaque": "x"}'
    (test,) = Job("x").call([text], {"$opaque": 1}).request().tests
    assert decode(test.call.args_json) == [text]
    assert decode(test.call.expected_json) == {"$opaque": 1}


@pytest.mark.parametrize("value", [object(), [lambda: 1], {"a": type}], ids=["object", "function", "type"])
def test_a_value_that_is_not_plain_is_rejected_with_its_place(value):
    with pytest.raises(Rejected) as caught:
        Job("x").call([1], 1).call([1], value)
    assert caught.value.field == "tests[1].call.expected_json"
    assert caught.value.code == "INVALID_ARGUMENT"


def test_assert_tests_carry_their_code():
    (test,) = Job("x").asserts("assert f(1) == 1", setup="import math", per_assert=True).request().tests
    assert test.asserts == job_pb2.AssertsTest(code="assert f(1) == 1", setup="import math", per_assert=True)


def test_checker_tests_carry_a_program_of_their_own():
    files = {"main.cpp": "int main() {}", "table.bin": b"\x00"}
    first, second = (
        Job("x")
        .checker("def check(*texts): return True", "1\n", b"\xff", protocol="python", public=True)
        .checker(files=files, language="cpp", main="main.cpp", argv=["-v"], protocol="kattis", passes=2, id="two")
        .request()
        .tests
    )
    program = job_pb2.Program(language="python", source="def check(*texts): return True")
    assert first.checker == job_pb2.CheckerTest(program=program, stdin="1\n", answer_bytes=b"\xff", protocol="python")
    assert first.visibility == job_pb2.PUBLIC
    assert (second.id, second.checker.protocol, second.checker.passes) == ("two", "kattis", 2)
    assert second.checker.program == Job(files=files, language="cpp", main="main.cpp", argv=["-v"]).request().program


def test_interactive_tests_carry_an_interactor():
    (test,) = Job("x").interactive("talk()", "7", "done", language="python", weight=2.0).request().tests
    interactor = job_pb2.Program(language="python", source="talk()")
    assert test.interactive == job_pb2.InteractiveTest(interactor=interactor, input="7", answer="done")
    assert test.weight == 2.0


def test_effects_tests_carry_assertions_by_their_names():
    (test,) = (
        Job("x", workspace="/w", branch="b")
        .effects(
            {"resource": "files:out/*.txt", "op": "create", "at_most": 2, "content": "hi"},
            {"resource": "sqlite:shop.db#orders/*", "post": {"paid": 1, "who": None}},
            job_pb2.EffectAssertion(resource="http:**", none=True),
            stdin=b"\xff",
            nothing_else=True,
            databases=["shop.db"],
            weight=2.0,
        )
        .request()
        .tests
    )
    assert test.effects == job_pb2.EffectsTest(
        stdin_bytes=b"\xff",
        assertions=[
            job_pb2.EffectAssertion(resource="files:out/*.txt", op="create", at_most=2, content="hi"),
            job_pb2.EffectAssertion(resource="sqlite:shop.db#orders/*", post_json='{"paid": 1, "who": null}'),
            job_pb2.EffectAssertion(resource="http:**", none=True),
        ],
        nothing_else=True,
        databases=["shop.db"],
    )
    assert test.weight == 2.0


def test_a_job_names_its_workspace_and_its_branch():
    request = Job("x", workspace="/w", branch="b").request()
    assert (request.workspace, request.branch) == ("/w", "b")


@pytest.mark.parametrize(
    ("assertion", "field"),
    [
        ({"resourc": "files:a"}, "tests[0].effects.assertions[0].resourc"),
        ({"resource": 7}, "tests[0].effects.assertions[0]"),
        ({"at_least": -1}, "tests[0].effects.assertions[0]"),
        ({"post": {"a": math.nan}}, "tests[0].effects.assertions[0]"),
        ({"post": {"a": object()}}, "tests[0].effects.assertions[0]"),
    ],
)
def test_an_assertion_that_no_field_can_hold_is_rejected_with_its_place(assertion, field):
    with pytest.raises(Rejected) as caught:
        Job("x").effects(assertion)
    assert caught.value.field == field


def test_limits_can_be_those_of_one_test():
    (test,) = Job("x").stdio("", "", limits={"wall_time_ms": 7}).request().tests
    assert test.limits == job_pb2.Limits(wall_time_ms=7)


@pytest.mark.parametrize(
    ("arguments", "field", "suggestion"),
    [
        ({"limits": {"cpu_time": 1}}, "limits.cpu_time", "'cpu_time_ms'"),
        ({"stop": "FIRST_FAIL"}, "stop", "'FIRST_FAILURE'"),
        ({"feedback": "all"}, "feedback", "PUBLIC_ONLY"),
        ({"min_isolation": "NAMESPACE"}, "min_isolation", "'NAMESPACES'"),
        ({"scheme": "ioi_groups", "scheme_params": {"a": object()}}, "reward.params", "numbers"),
    ],
)
def test_a_name_that_is_not_known_is_rejected_with_the_nearest(arguments, field, suggestion):
    with pytest.raises(Rejected) as caught:
        Job("x", **arguments)
    assert caught.value.field == field
    assert suggestion in caught.value.suggestion


def test_half_a_surrogate_pair_in_a_program_becomes_a_question_mark():
    assert Job("print('\ud83d')").request().program.source == "print('?')"
    assert Job("print('🙂')").request().program.source == "print('🙂')"


def test_a_tree_of_files_has_text_and_data():
    files = {"main.py": "import data", "data.bin": b"\x00"}
    program = Job(files=files, main="main.py").request().program
    assert [(file.path, file.text, file.data) for file in program.files] == [
        ("main.py", "import data", b""),
        ("data.bin", "", b"\x00"),
    ]
    assert program.main == "main.py"


def test_a_job_goes_on_where_a_request_stands():
    request = job_pb2.ScoreRequest(id="r")
    job = Job.from_request(request).stdio("", "")
    assert job.request() is request is as_request(job) is as_request(request)
    assert len(request.tests) == 1


def test_a_job_survives_pickling():
    job = Job("x", id="p").stdio("1", "2")
    assert pickle.loads(pickle.dumps(job)).request() == job.request()
    assert repr(job) == "Job(id='p', language='python', 1 tests)"


def test_a_rejection_survives_pickling_and_says_everything():
    rejected = Rejected(
        "program.language", "'pyton' is not known", "did you mean 'python'?", code="NOT_FOUND", job="job 3"
    )
    copy = pickle.loads(pickle.dumps(rejected))
    assert str(copy) == "job 3: program.language: 'pyton' is not known (did you mean 'python'?)"
    assert (copy.code, copy.field, copy.suggestion) == ("NOT_FOUND", "program.language", "did you mean 'python'?")

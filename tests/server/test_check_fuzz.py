"""Whatever a request holds, checking it ends in a checked job or in a rejection that names a field: never in a bug."""

from __future__ import annotations

import re

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.check import Checked, check_request
from sandbox.errors import JobError
from sandbox.judge.comparators import text_comparator_names
from sandbox.judge.values.compare import value_comparator_names
from sandbox.matrix.asked import asked_of
from sandbox.reward import scheme_names
from sandbox.settings import Settings
from sandbox.v1 import job_pb2, matrix_pb2, verdict_pb2
from tests.jail.cells import catalog_of_python

CATALOG = catalog_of_python()
words = st.one_of(
    st.text(max_size=20), st.sampled_from(["", "f", "main.py", "x.f", "a/b.py", "\0", "0", "é", "__class__"])
)
plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), words),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=6,
)
structs = st.dictionaries(words, plain, max_size=3)
json_texts = st.one_of(
    words,
    st.sampled_from(
        [
            *("[1, 2]", "{}", "[[[[", "[" * 5000, '{"$int": "0x1f"}', '{"$set": [[1]]}', '{"$dict": [[{}, 1]]}', "nan"),
            *(
                '{"$bytes": "?"}',
                '{"$complex": [1]}',
                '{"$nothing": 1}',
                "1e999",
                '"\\ud800"',
                '{"a": 1, "a": 2}',
                "1" * 5000,
            ),
        ]
    ),
)
codes = st.one_of(
    words,
    st.sampled_from(
        [
            *(
                "assert f(1) == 2",
                "def check(c):\n    assert c(1) == 2",
                "assert f(" + "(" * 500,
                "assert " + "not " * 3000 + "1",
            ),
            *(
                "assert f(1) == " + "-" * 3000 + "1",
                "assert f(1) == 9 ** 9 ** 9",
                "assert f(1) == 'a' * 10 ** 12",
                "\ufeffassert 1",
            ),
            *(
                "assert f(1) == [*range(10**9)]",
                "assert f(1) == 1 << 10 ** 10",
                "assert f(**{1: 2}) == 3",
                "assert f(1)\\",
                "\tassert 1",
            ),
            *(
                "assert all(f(i) == i for i in range(10**8))",
                "assert f(1) == int('9' * 10000)",
                "x = 1\nassert x == 1",
                "assert 0, f",
            ),
        ]
    ),
)
limits = st.builds(
    job_pb2.Limits,
    cpu_time_ms=st.integers(0, 2**64 - 1),
    memory_bytes=st.integers(0, 2**64 - 1),
    processes=st.integers(0, 70),
)


def comparators(names: list[str]) -> st.SearchStrategy[job_pb2.Comparator]:
    return st.builds(
        lambda name, params: job_pb2.Comparator(name=name, params=struct(params)),
        st.one_of(st.sampled_from(names), words),
        st.one_of(st.just({}), structs),
    )


def struct(params: dict[str, object]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    json_format.ParseDict(params, made)
    return made


protocols = st.one_of(st.sampled_from(["", "testlib", "kattis", "python"]), words)
kinds = st.one_of(
    st.builds(
        lambda **stdio: {"stdio": job_pb2.StdioTest(**stdio)},
        stdin=words, expected_stdout=words, accepted=st.lists(words, max_size=2),
        comparator=st.one_of(st.none(), comparators(sorted(text_comparator_names()))),
    ),
    st.builds(
        lambda **call: {"call": job_pb2.CallTest(**call)},
        function=words, args_json=json_texts, kwargs_json=json_texts, expected_json=json_texts,
        comparator=st.one_of(st.none(), comparators(sorted(value_comparator_names()))),
    ),
    st.builds(
        lambda **asserts: {"asserts": job_pb2.AssertsTest(**asserts)},
        code=codes, setup=st.one_of(st.just(""), codes), per_assert=st.booleans(),
    ),
    st.builds(
        lambda **checker: {"checker": job_pb2.CheckerTest(**checker)},
        program=st.deferred(lambda: programs), protocol=protocols, stdin=words, stdin_bytes=st.binary(max_size=2),
        answer=words, passes=st.integers(0, 2**32 - 1),
    ),
    st.builds(
        lambda **interactive: {"interactive": job_pb2.InteractiveTest(**interactive)},
        interactor=st.deferred(lambda: programs), protocol=protocols, input=words, answer_bytes=st.binary(max_size=2),
    ),
    st.just({}), st.just({"suite": job_pb2.SuiteTest()}), st.just({"checker": job_pb2.CheckerTest()}),
)  # fmt: skip
tests = st.builds(
    lambda kind, **fields: job_pb2.Test(**kind, **fields),
    kinds,
    id=words,
    weight=st.one_of(st.just(0.0), st.floats()),
    group=words,
    limits=st.one_of(st.none(), limits),
    observe=st.booleans(),
)
programs = st.builds(
    job_pb2.Program,
    language=st.one_of(st.just("python"), words),
    source=st.one_of(st.just(""), codes),
    files=st.lists(st.builds(job_pb2.SourceFile, path=words, text=words), max_size=2),
    main=st.one_of(st.just(""), words),
    entry_point=st.one_of(st.just("f"), words),
    argv=st.lists(words, max_size=2),
)
requests = st.builds(
    job_pb2.ScoreRequest,
    id=words,
    program=programs,
    tests=st.lists(tests, max_size=3),
    reward=st.builds(
        lambda name, params: job_pb2.RewardSpec(scheme=name, params=struct(params)),
        st.one_of(st.sampled_from(sorted(scheme_names())), words),
        st.one_of(st.just({}), structs),
    ),
    policy=st.one_of(st.just(""), words),
    limits=st.one_of(st.none(), limits),
    seed=st.one_of(st.none(), st.integers(0, 2**64 - 1)),
    stop=st.integers(0, 5),
    min_isolation=st.integers(0, 5),
    min_integrity=st.integers(0, 9),
    feedback=st.integers(0, 3),
    workspace=st.one_of(st.just(""), words),
    allow_unsafe_comparators=st.booleans(),
    output_clip_bytes=st.integers(0, 2**32 - 1),
)


@given(requests)
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_request_is_checked_or_rejected(request):
    try:
        checked = check_request(request, request.tests, CATALOG)
    except JobError as error:
        assert error.reject in verdict_pb2.RejectCode.keys()  # noqa: SIM118 - an enum wrapper is no dictionary
        assert error.message
        return
    assert isinstance(checked, Checked)
    assert len(checked.tests) == len(request.tests)


@given(codes, codes)
@settings(deadline=None, max_examples=300)
def test_test_code_is_taken_apart_or_refused(code, setup):
    request = job_pb2.ScoreRequest(program=job_pb2.Program(language="python", entry_point="f"))
    request.tests.add(asserts=job_pb2.AssertsTest(code=code, setup=setup))
    try:
        check_request(request, request.tests, CATALOG)
    except JobError as error:
        assert error.field


@pytest.mark.parametrize("depth", [100, 1000, 10_000, 100_000])
@pytest.mark.parametrize("shape", ["(", "[", "{1: ", "-", "not ", "f(", "lambda: ", "1 + ", "x if x else "])
def test_deep_test_code_is_taken_apart_or_refused(shape, depth):
    request = job_pb2.ScoreRequest(program=job_pb2.Program(language="python", entry_point="f"))
    request.tests.add(asserts=job_pb2.AssertsTest(code=f"assert f(1) == {shape * depth}1"))
    try:
        check_request(request, request.tests, CATALOG)
    except JobError as error:
        assert error.field


@pytest.mark.parametrize("field", ["min_isolation", "min_integrity"])
def test_a_number_that_names_nothing_is_rejected(field):
    request = job_pb2.ScoreRequest(program=job_pb2.Program(language="python"), **{field: 77})
    request.tests.add(stdio=job_pb2.StdioTest())
    with pytest.raises(JobError) as caught:
        check_request(request, request.tests, CATALOG)
    assert caught.value.field == field


some_tests = st.lists(tests, max_size=2)
matrices = st.builds(
    matrix_pb2.MatrixRequest,
    programs=st.lists(programs, max_size=3),
    language=st.one_of(st.just("python"), words),
    examples=some_tests,
    inputs=some_tests,
    generated_tests=some_tests,
    policy=st.one_of(st.just(""), st.just(""), words),
    limits=st.one_of(st.none(), limits),
    output_clip_bytes=st.one_of(st.just(0), st.integers(0, 2**32 - 1)),
)


@given(matrices)
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_matrix_is_checked_or_rejected_by_a_field_of_its_own(request):
    try:
        asked = asked_of(request, CATALOG, Settings())
    except JobError as error:
        assert re.split(r"[.\[]", error.field)[0] in {field.name for field in request.DESCRIPTOR.fields}
        assert error.message
        return
    assert sorted(place for each in asked.programs for place in each.places) == [*range(len(request.programs))]
    assert [test.id for test in asked.tests] == [str(number) for number in range(len(asked.tests))]

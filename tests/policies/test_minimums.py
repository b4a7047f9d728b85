"""Isolation and integrity that a policy asks for: refused where they are not given, raised by jobs, never lowered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.catalog import Catalog
from sandbox.check import check_request
from sandbox.errors import ConfigError, JobError
from sandbox.model.integrity import Integrity
from sandbox.model.isolation import Isolation
from sandbox.planner import Planner
from sandbox.policies import Policy, load_policies
from sandbox.undo.asked import asked
from sandbox.v1 import action_pb2, job_pb2
from tests.policies.written import copied, extending

CATALOG = Catalog()
DEFAULT = load_policies()["default"]
levels = st.sampled_from([0, *Integrity])
tiers = st.sampled_from([0, *Isolation])
# Kinds of test by what they are worth.
TESTS = {
    Integrity.ISOLATED: job_pb2.Test(stdio=job_pb2.StdioTest()),
    Integrity.SPLIT: job_pb2.Test(asserts=job_pb2.AssertsTest(code="for n in range(3):\n    assert f(n) == n\n")),
    Integrity.IN_PROCESS: job_pb2.Test(
        suite=job_pb2.SuiteTest(files=[job_pb2.SourceFile(path="test_a.py", text="")], in_process=True)
    ),
}


def with_minimums(integrity: Integrity, isolation: Isolation, in_process: bool = False) -> Policy:
    table = DEFAULT.table.model_copy(
        update={
            "integrity": DEFAULT.table.integrity.model_copy(
                update={"minimum": integrity.name, "in_process": in_process or integrity is Integrity.IN_PROCESS}
            ),
            "isolation": DEFAULT.table.isolation.model_copy(update={"minimum": isolation.name}),
        }
    )
    return replace(DEFAULT, table=table)


def refusal(policy: Policy, given: Isolation = Isolation.NAMESPACES, test: Integrity = Integrity.ISOLATED, **own: int):
    """Why a job is refused; None: it is not."""
    catalog = Catalog(CATALOG.runtimes, {"default": policy}, CATALOG.cgroup, given)
    request = job_pb2.ScoreRequest(program=job_pb2.Program(language="python", source="", entry_point="f"), **own)
    try:
        check_request(request, [TESTS[test]], catalog)
    except JobError as error:
        return error
    return None


@given(asked_for=st.sampled_from([*Isolation]), own=tiers, has=st.sampled_from([*Isolation]))
def test_a_job_runs_only_where_both_its_policy_and_itself_have_the_isolation_that_they_ask_for(asked_for, own, has):
    error = refusal(with_minimums(Integrity.SPLIT, asked_for), has, min_isolation=own)
    assert (error is None) == (max(asked_for, own) <= has)
    if error is not None:
        assert error.field == ("min_isolation" if own > has else "policy")
        assert error.reject == "FAILED_PRECONDITION"
        assert error.suggestion
        assert has.name in error.message + error.suggestion


@given(asked_for=st.sampled_from([*Integrity]), own=levels, worth=st.sampled_from([*Integrity]))
def test_a_test_is_run_only_if_both_the_policy_and_the_job_take_its_integrity(asked_for, own, worth):
    policy = with_minimums(asked_for, Isolation.NAMESPACES, in_process=True)
    error = refusal(policy, test=worth, min_integrity=own)
    assert (error is None) == (worth >= max(asked_for, own or Integrity.SPLIT))
    if error is not None:
        assert error.field == ("policy" if asked_for > (own or Integrity.SPLIT) else "min_integrity")
        assert error.reject == "FAILED_PRECONDITION"
        assert max(asked_for, own or Integrity.SPLIT).name in error.message
        assert error.suggestion


def test_a_refusal_names_the_line_that_asks(tmp_path: Path):
    policy = extending(
        copied(tmp_path), "apart", '[integrity]\nminimum = "ISOLATED"\n[isolation]\nminimum = "KERNEL"\n'
    )
    error = refusal(policy)
    assert error.message == "'apart' asks for isolation KERNEL (apart.toml:7), but this server has NAMESPACES"
    error = refusal(policy, Isolation.KERNEL, Integrity.SPLIT)
    assert "'apart' asks for integrity ISOLATED (apart.toml:5), but the code of tests[0]" in error.message


def test_an_action_is_refused_where_the_machine_has_less_than_its_policy_asks_for():
    catalog = Catalog(CATALOG.runtimes, {"default": with_minimums(Integrity.SPLIT, Isolation.CONTAINER)})
    request = action_pb2.ExecuteRequest(workspace="/w", command=["true"], policy="default")
    with pytest.raises(JobError) as caught:
        asked(request, catalog, Planner())
    assert (caught.value.field, caught.value.reject) == ("policy", "FAILED_PRECONDITION")


def test_a_policy_that_allows_what_its_own_minimum_refuses_is_wrong(tmp_path: Path):
    with pytest.raises(ConfigError) as caught:
        extending(copied(tmp_path), "torn", "[integrity]\nin_process = true\n")
    assert str(caught.value).startswith("torn.toml:5: integrity.in_process: ")
    assert 'minimum = "IN_PROCESS"' in str(caught.value)


def test_a_file_that_says_nothing_of_minimums_is_as_valid_as_before(tmp_path: Path):
    policies = copied(tmp_path)
    text = (policies / "default.toml").read_text().replace('name = "default"', 'name = "whole"')
    for minimum in ('minimum = "NAMESPACES"\n', 'minimum = "SPLIT"\n', "[isolation]\n"):
        text = text.replace(minimum, "", 1)
    (policies / "whole.toml").write_text(text.replace("in_process = false", "in_process = true"))
    whole = load_policies(policies)["whole"]
    assert (whole.table.isolation.minimum, whole.table.integrity.minimum) == ("NAMESPACES", "IN_PROCESS")
    assert whole.origin("isolation", "minimum") is None


def test_a_name_that_is_no_level_suggests_the_nearest(tmp_path: Path):
    with pytest.raises(ConfigError) as caught:
        extending(copied(tmp_path), "odd", '[isolation]\nminimum = "KERNAL"\n')
    assert str(caught.value).startswith("odd.toml:5: isolation.minimum: ")
    assert caught.value.fix == "did you mean 'KERNEL'?"


def test_levels_and_tiers_have_the_names_and_numbers_of_the_wire():
    for wire, own in ((job_pb2.IsolationTier, Isolation), (job_pb2.IntegrityLevel, Integrity)):
        assert dict(wire.items()) == {wire.Name(0): 0} | {each.name: each.value for each in own}

"""Limits of a request may only be tighter than those above them."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import JobError
from sandbox.model.limits import LIMIT_NAMES, Limits
from sandbox.plan import tighten
from sandbox.policies import load_policies
from sandbox.v1 import job_pb2

POLICY = load_policies()["default"].limits
sizes = st.integers(min_value=1, max_value=1 << 62)
all_limits = st.builds(Limits, **dict.fromkeys(LIMIT_NAMES, sizes))


@given(above=all_limits, share=st.lists(st.floats(0, 1), min_size=9, max_size=9))
def test_a_tighter_limit_is_taken_and_what_is_not_given_stays(above, share):
    wanted = {
        name: min(int(part * value), value) for part, (name, value) in zip(share, asdict(above).items(), strict=True)
    }
    tightened = tighten(above, job_pb2.Limits(**wanted), "limits")
    assert asdict(tightened) == {name: wanted[name] or value for name, value in asdict(above).items()}


@given(above=all_limits)
def test_the_same_limits_are_no_looser(above):
    assert tighten(above, job_pb2.Limits(**asdict(above)), "limits") == above


@given(above=all_limits, name=st.sampled_from(LIMIT_NAMES), more=st.integers(min_value=1, max_value=1 << 62))
def test_a_looser_limit_is_rejected_with_both_numbers(above, name, more):
    allowed = getattr(above, name)
    with pytest.raises(JobError) as caught:
        tighten(above, job_pb2.Limits(**{name: allowed + more}), "tests[3].limits")
    assert caught.value.field == f"tests[3].limits.{name}"
    assert str(allowed) in caught.value.message
    assert str(allowed + more) in caught.value.message
    assert caught.value.suggestion
    assert caught.value.reject == "INVALID_ARGUMENT"


def test_limits_tighten_in_two_steps():
    job = tighten(POLICY, job_pb2.Limits(cpu_time_ms=2000), "limits")
    assert tighten(job, job_pb2.Limits(cpu_time_ms=500), "tests[0].limits").cpu_time_ms == 500
    with pytest.raises(JobError, match=r"2001 is looser than .* 2000"):
        tighten(job, job_pb2.Limits(cpu_time_ms=2001), "tests[0].limits")
    assert POLICY.cpu_time_ms == 10_000

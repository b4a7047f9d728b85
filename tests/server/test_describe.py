"""What a server says of itself: Describe, health, reflection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from sandbox.judge.comparators import text_comparator_names
from sandbox.judge.values.compare import value_comparator_names
from sandbox.policies import load_policies
from sandbox.reward import scheme_names
from sandbox.v1 import action_pb2, action_pb2_grpc, job_pb2, reward_pb2, reward_pb2_grpc
from tests.server.jobs import ADD, job
from tests.serving import Serving

pytestmark = pytest.mark.jail
Stub = reward_pb2_grpc.RewardServiceStub
SERVICE = "sandbox.v1.RewardService"
ACTIONS = "sandbox.v1.ActionService"


@pytest.fixture
def channel(server: Serving) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(server.address) as made:
        yield made


def test_a_server_describes_all_that_a_job_may_name(rewards: Stub) -> None:
    found = rewards.Describe(reward_pb2.DescribeRequest())
    assert found.version
    runtimes = {runtime.name: runtime for runtime in found.runtimes}
    assert {"python", "c", "cpp"} <= set(runtimes)
    assert [*runtimes["python"].kinds] == ["stdio", "call", "asserts", "suite", "checker", "interactive", "effects"]
    for name in ("python", "c", "cpp"):
        assert runtimes[name].available, runtimes[name].why
        assert runtimes[name].version
        assert not runtimes[name].why
    assert {each.name for each in found.schemes} == set(scheme_names())
    assert {each.name for each in found.comparators} == set(text_comparator_names())
    assert {each.name for each in found.value_comparators} == set(value_comparator_names())
    for each in (*found.schemes, *found.comparators, *found.value_comparators, *found.policies):
        assert each.description, each.name
    assert found.isolation.tier == job_pb2.NAMESPACES


def test_policies_are_described_with_the_hash_that_receipts_carry(rewards: Stub) -> None:
    found = {each.name: each for each in rewards.Describe(reward_pb2.DescribeRequest()).policies}
    for name, policy in load_policies().items():
        assert found[name].hash == policy.hash
        assert found[name].limits == job_pb2.Limits(**asdict(policy.limits))
    assert rewards.Score(job(ADD, ("1 2", "3"))).verdict.receipt.policy == found["default"].hash


def test_the_limits_of_the_server_are_described(rewards: Stub) -> None:
    limits = rewards.Describe(reward_pb2.DescribeRequest()).limits
    assert (limits.cells, limits.queue, limits.max_message_bytes) == (2, 4096, 256 << 20)
    assert limits.suite_store_bytes
    assert limits.build_cache_bytes


@pytest.mark.parametrize("service", ["", SERVICE, ACTIONS])
def test_a_server_that_is_ready_is_healthy(channel: grpc.Channel, service: str) -> None:
    stub = health_pb2_grpc.HealthStub(channel)
    answer = stub.Check(health_pb2.HealthCheckRequest(service=service))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    watch = stub.Watch(health_pb2.HealthCheckRequest(service=service), timeout=10)
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
    watch.cancel()


def test_the_health_of_an_unknown_service_is_unknown(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service="sandbox.v1.Nothing"))
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


def test_reflection_names_the_services_and_gives_their_files(channel: grpc.Channel) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    asked = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol=SERVICE),
    ]
    listed, described = stub.ServerReflectionInfo(iter(asked), timeout=10)
    names = {service.name for service in listed.list_services_response.service}
    assert {SERVICE, ACTIONS, "grpc.health.v1.Health"} <= names
    files = described.file_descriptor_response.file_descriptor_proto
    assert any(b"RewardService" in data for data in files)


def test_every_method_of_the_contract_is_there(channel: grpc.Channel) -> None:
    methods = {method.name for method in reward_pb2.DESCRIPTOR.services_by_name["RewardService"].methods}
    assert methods == {"Score", "ScoreStream", "PutSuite", "Matrix", "Describe"}
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(f"/{SERVICE}/Nothing")(b"")
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_a_server_names_its_workspace_roots_to_whoever_wants_to_act_elsewhere(channel: grpc.Channel) -> None:
    stub = action_pb2_grpc.ActionServiceStub(channel)
    with pytest.raises(grpc.RpcError) as caught:
        stub.Execute(action_pb2.ExecuteRequest(workspace="/tmp", command=["true"]))
    assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
    assert "under no workspace root (one of: " in caught.value.details()

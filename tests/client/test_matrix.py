"""Programs times tests: what is sent, what comes back, and what a fake says."""

from __future__ import annotations

import pickle

import grpc
import pytest

from sandbox import AsyncClient, Client, FakeClient, Job, Rejected, SandboxError
from sandbox.client.matrix import matrix_request
from sandbox.v1 import job_pb2, matrix_pb2
from tests.client.scripted import Scripted, refusal, running, running_aside

pytestmark = pytest.mark.usefixtures("no_background")


class Full(Scripted):
    """Refuses the first calls, as a full queue does."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left = times

    async def Matrix(self, request, context):
        self.left -= 1
        if self.left >= 0:
            rejected = refusal("RESOURCE_EXHAUSTED", retry_after_ms=1).rejected
            metadata = (("sandbox-rejected-bin", rejected.SerializeToString()), ("retry-after-ms", "1"))
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "full", metadata)
        return await super().Matrix(request, context)


def test_programs_are_sources_or_whole():
    whole = job_pb2.Program(language="c", source="int main;")
    request = matrix_request(["print(1)", whole], entry_point="f")
    assert request.language == "python"
    assert [program.language for program in request.programs] == ["", "c"]
    assert [program.entry_point for program in request.programs] == ["f", "f"]
    assert whole.entry_point == ""


def test_inputs_are_text_bytes_arguments_or_tests():
    test = job_pb2.Test(call=job_pb2.CallTest(function="g"))
    request = matrix_request([""], inputs=["1\n", b"\xff", [1, (2, 3)], test, ""])
    first, second, third, fourth, fifth = request.inputs
    assert (first.stdio.stdin, second.stdio.stdin_bytes) == ("1\n", b"\xff")
    assert third.call.args_json == '[1,{"$tuple":[2,3]}]'
    assert fourth == test
    assert fifth.WhichOneof("kind") == "stdio"


def test_examples_are_those_of_a_job_or_tests_and_generated_tests_are_asserts():
    job = Job().stdio("1", "2").call([1], 2)
    request = matrix_request([""], examples=job, generated_tests=["assert f(1) == 2"])
    assert list(request.examples) == list(matrix_request([""], examples=job.request().tests).examples)
    assert len(request.examples) == 2
    assert request.generated_tests[0].asserts.code == "assert f(1) == 2"


def test_every_other_field_is_taken_over():
    request = matrix_request(
        [""], id="m", policy="strict", limits={"cpu_time_ms": 5}, seed=0, ignore_exit_code=True, output_clip_bytes=7,
        only_survivors=True,
    )  # fmt: skip
    assert (request.id, request.policy, request.limits.cpu_time_ms) == ("m", "strict", 5)
    assert (request.HasField("seed"), request.ignore_exit_code, request.output_clip_bytes) == (True, True, 7)
    assert request.only_survivors
    known = {field.name for field in matrix_pb2.MatrixRequest.DESCRIPTOR.fields}
    assert known - {field.name for field, _ in request.ListFields()} == {
        *("examples", "inputs", "generated_tests", "timeout_ms")
    }


def test_an_input_that_is_no_plain_data_is_rejected_by_its_place():
    with pytest.raises(Rejected, match=r"inputs\[1\].call.args_json"):
        matrix_request([""], inputs=[[1], [object()]])


async def test_the_call_reaches_the_server_with_the_token(address):
    async with running(Scripted(), address()) as server, AsyncClient(server.address, token="t") as client:
        answer = await client.matrix(["print(1)"], id="m", inputs=["1"])
        assert answer.id == "m"
        assert server.service.matrices[0].programs[0].source == "print(1)"
        assert server.service.metadata[0]["authorization"] == "Bearer t"


async def test_a_whole_request_is_sent_as_it_is_and_takes_no_options(address):
    request = matrix_request(["print(1)"], id="whole")
    async with running(Scripted(), address()) as server, AsyncClient(server.address) as client:
        assert (await client.matrix(request)).id == "whole"
        assert server.service.matrices == [request]
        with pytest.raises(Rejected, match="policy"):
            await client.matrix(request, policy="strict")


async def test_a_full_queue_is_asked_again(address):
    async with running(Full(2), address()) as server, AsyncClient(server.address) as client:
        assert (await client.matrix(["print(1)"], id="m")).id == "m"
        assert server.service.left == -1


async def test_a_queue_that_stays_full_is_said_to_be_full(address):
    async with running(Full(9), address()) as server, AsyncClient(server.address, tries=2) as client:
        with pytest.raises(SandboxError, match="refused 2 times by a full queue"):
            await client.matrix(["print(1)"])


async def test_a_request_that_is_too_large_is_never_sent(address):
    async with running(Scripted(), address()) as server:
        async with AsyncClient(server.address, max_message_bytes=1000) as client:
            with pytest.raises(Rejected, match="some programs at a time"):
                await client.matrix(["x" * 2000])
        assert server.service.matrices == []


def test_the_synchronous_client_gives_the_same(address):
    with running_aside(Scripted, address()) as server, Client(server.address) as client:
        assert client.matrix(["print(1)"], id="m").id == "m"


def test_a_fake_gives_what_its_script_says_and_remembers_what_it_was_asked():
    def script(request):
        rows = [matrix_pb2.MatrixRow(programs=[number]) for number, _ in enumerate(request.programs)]
        return matrix_pb2.MatrixResponse(rows=rows)

    fake = FakeClient(matrix=script)
    answer = fake.matrix(["a", "b"], id="m", inputs=["1"])
    assert (answer.id, [list(row.programs) for row in answer.rows]) == ("m", [[0], [1]])
    assert [program.source for program in fake.matrices[0].programs] == ["a", "b"]
    assert FakeClient(matrix=answer).matrix(["a"]).rows == answer.rows


def test_a_fake_raises_the_rejection_of_its_script():
    def script(request):
        raise Rejected("inputs", "there are none")

    with pytest.raises(Rejected, match="there are none"):
        FakeClient(matrix=script).matrix(["a"])


def test_a_fake_without_a_matrix_says_what_it_wants():
    with pytest.raises(SandboxError) as raised:
        FakeClient(1.0).matrix(["a"])
    assert "FakeClient(matrix=" in raised.value.fix


def test_a_fake_keeps_its_scripts_when_it_is_pickled():
    fake = FakeClient(0.5, matrix=matrix_pb2.MatrixResponse(rows=[matrix_pb2.MatrixRow(programs=[3])]))
    again = pickle.loads(pickle.dumps(fake.as_async()))
    assert again._script == 0.5
    assert again._matrix.rows[0].programs == [3]

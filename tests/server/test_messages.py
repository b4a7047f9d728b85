"""Large messages, sockets, and addresses that are not taken."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from sandbox.errors import SandboxError
from sandbox.server.app import check_address
from sandbox.v1 import reward_pb2, reward_pb2_grpc
from tests.server.jobs import ADD, connected, job, scored, serving_with
from tests.serving import Serving

Stub = reward_pb2_grpc.RewardServiceStub
MIB = 1 << 20


@pytest.mark.jail
def test_a_message_of_64_mib_is_a_job_as_any_other(rewards: Stub) -> None:
    request = job("import sys\nprint(len(sys.stdin.buffer.read()))\n", ("x" * 64 * MIB, str(64 * MIB)))
    (answer,) = rewards.ScoreStream(scored(request), timeout=60)
    assert answer.verdict.passed, answer


@pytest.mark.jail
def test_an_output_of_32_mib_comes_back_whole(rewards: Stub) -> None:
    request = job(f"print('y' * {32 * MIB}, end='')", ("", ""), feedback="ALL", output_clip_bytes=64 * MIB)
    answer = rewards.Score(request, timeout=60)
    assert answer.verdict.tests[0].stdout == "y" * 32 * MIB


@pytest.fixture(scope="module")
def tight(homes: str) -> Iterator[Serving]:
    """A server that takes messages of 1 MiB."""
    with serving_with(homes, max_message_bytes=MIB) as made:
        yield made


@pytest.mark.jail
def test_a_larger_message_is_refused_with_both_sizes_and_the_server_goes_on(tight: Serving) -> None:
    with connected(tight) as stub:
        assert stub.Describe(reward_pb2.DescribeRequest()).limits.max_message_bytes == MIB
        large = job(ADD, ("x" * 2 * MIB, "3"))
        with pytest.raises(grpc.RpcError) as caught:
            stub.Score(large, timeout=30)
        assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert str(MIB) in caught.value.details()
        assert str(large.ByteSize()) in caught.value.details()
        # Not to be mistaken for a full queue: nobody should come back with the same message.
        assert "retry-after-ms" not in dict(caught.value.trailing_metadata() or ())
        with pytest.raises(grpc.RpcError) as caught:
            list(stub.ScoreStream(scored(large), timeout=30))
        assert str(MIB) in caught.value.details()
        assert stub.Score(job(ADD, ("1 2", "3")), timeout=30).verdict.passed


@pytest.mark.jail
def test_an_answer_that_is_larger_than_a_message_is_an_error_that_says_so(tight: Serving) -> None:
    request = job(f"print('y' * {2 * MIB})", ("", ""), feedback="ALL", output_clip_bytes=4 * MIB)
    with connected(tight) as stub:
        with pytest.raises(grpc.RpcError) as caught:
            stub.Score(request, timeout=30)
        assert str(MIB) in caught.value.details()
        assert stub.Score(job(ADD, ("1 2", "3")), timeout=30).verdict.passed


@pytest.mark.jail
def test_a_unix_socket_belongs_to_its_user_alone(homes: str, tmp_path: Path) -> None:
    path = tmp_path / "server.sock"
    before = os.umask(0o022)
    try:
        with serving_with(homes, address=f"unix:{path}") as server:
            assert server.address == f"unix:{path}"
            found = path.stat()
            assert stat.S_ISSOCK(found.st_mode)
            assert stat.S_IMODE(found.st_mode) == 0o600
            with connected(server) as stub:
                assert stub.Score(job(ADD, ("1 2", "3")), timeout=30).verdict.passed
    finally:
        os.umask(before)


@pytest.mark.jail
def test_a_socket_that_a_dead_server_left_is_taken_over_and_nothing_else_is(homes: str, tmp_path: Path) -> None:
    path = tmp_path / "server.sock"
    with serving_with(homes, address=f"unix:{path}") as server:
        server.process.kill()
        server.process.wait()
    assert path.exists()
    with serving_with(homes, address=f"unix:{path}") as server:
        # One that answers is left alone, and so is what is no socket.
        assert "another server answers" in refused_start(homes, f"unix:{path}")
        file = tmp_path / "file"
        file.write_text("kept")
        assert "is no socket" in refused_start(homes, f"unix:{file}")
        assert file.read_text() == "kept"
        with connected(server) as stub:
            assert stub.Score(job(ADD, ("1 2", "3")), timeout=30).verdict.passed


def refused_start(home: str, address: str) -> str:
    """What a server says that does not start."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom sandbox.server.app import run_server\n"
        "from sandbox.settings import Settings\n"
        "run_server(Settings(address=sys.argv[1], home=Path(sys.argv[2])), print)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, address, home], capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode != 0
    assert answer.stdout == ""
    return answer.stderr


LOOPBACK = ["127.0.0.1:0", "127.8.8.8:50051", "localhost:50051", "[::1]:50051", "unix:/tmp/x.sock", "unix:x.sock"]
ELSEWHERE = [
    *("0.0.0.0:50051", "[::]:50051", "10.0.0.1:1", "example.com:50051", ":50051", "*:50051", "192.168.1.1:80"),
    *("127.0.0.1.example.com:50051", "localhost.example.com:50051", "127.evil:1", "[::ffff:10.0.0.1]:1"),
    *("127.0.0.1", "localhost", "", "unix:", "dns:///example.com:1", "ipv4:10.0.0.1:1", "127.0.0.1:99999"),
]


@pytest.mark.parametrize("address", LOOPBACK)
def test_a_loopback_address_is_taken(address: str) -> None:
    check_address(address)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_any_other_address_is_refused_with_a_way_out(address: str) -> None:
    with pytest.raises(SandboxError) as caught:
        check_address(address)
    assert caught.value.fix


@pytest.mark.jail
def test_a_server_that_would_listen_to_the_network_does_not_start(homes: str) -> None:
    assert "0.0.0.0:0 is not a loopback address" in refused_start(homes, "0.0.0.0:0")


@pytest.mark.jail
def test_an_address_that_is_taken_is_named(server: Serving, homes: str) -> None:
    assert f"cannot listen on {server.address}" in refused_start(homes, server.address)

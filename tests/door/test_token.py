"""The token of both doors, and where they listen."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import stat
from types import SimpleNamespace

import grpc
import httpx
import pytest
from grpc import aio

from sandbox.door.serving import HttpDoor
from sandbox.errors import SandboxError
from sandbox.server.auth import RequireToken, is_token, read_token
from sandbox.v1 import reward_pb2, reward_pb2_grpc
from tests.client.scripted import Scripted
from tests.door.conftest import Opened, token_file

TOKEN = "0123456789abcdef0123456789abcdef"
BODY = {"code": "x", "language": "python"}


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        (basic(f"token:{TOKEN}"), 200),
        (basic(f":{TOKEN}"), 200),
        (None, 401),
        ("", 401),
        ("Bearer", 401),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        (TOKEN, 401),
        (f"Digest {TOKEN}", 401),
        (basic(TOKEN), 401),
        ("Basic %%%", 401),
    ],
)
async def test_nothing_is_run_for_whoever_has_no_token(header, status):
    opened = Opened(token=TOKEN.encode())
    answer = await opened.post("/run_code", BODY, headers={} if header is None else {"Authorization": header})
    assert answer.status_code == status
    assert len(opened.asked) == (status == 200)
    if status == 401:
        assert "Bearer" in answer.json()["fix"]


async def test_a_token_fits_into_the_url_of_a_client_that_can_be_told_nothing_else():
    opened = Opened(token=TOKEN.encode())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(opened.app)) as client:
        assert (await client.post(f"http://token:{TOKEN}@door/run_code", json=BODY)).status_code == 200


async def test_grpc_asks_for_the_same_token(tmp_path):
    address = f"unix:{tmp_path}/server"
    server = aio.server(interceptors=[RequireToken(TOKEN.encode())])
    reward_pb2_grpc.add_RewardServiceServicer_to_server(Scripted(), server)
    server.add_insecure_port(address)
    await server.start()
    try:
        async with aio.insecure_channel(address) as channel:
            stub = reward_pb2_grpc.RewardServiceStub(channel)
            found = await stub.Describe(reward_pb2.DescribeRequest(), metadata=(("authorization", f"Bearer {TOKEN}"),))
            assert found.version == "scripted"
            for metadata in ((), (("authorization", "Bearer x"),), (("authorization", TOKEN),)):
                for call in (
                    stub.Describe(reward_pb2.DescribeRequest(), metadata=metadata),
                    stub.ScoreStream(iter(()), metadata=metadata).read(),
                ):
                    with pytest.raises(aio.AioRpcError) as caught:
                        await call
                    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    finally:
        await server.stop(None)


def test_tokens_are_compared_in_constant_time(monkeypatch):
    seen = []
    monkeypatch.setattr("hmac.compare_digest", lambda one, other: seen.append((one, other)) or True)
    assert is_token(b"a", b"b")
    assert seen == [(b"a", b"b")]


def test_a_token_file_is_its_owners_and_long_enough(tmp_path):
    path = token_file(tmp_path, TOKEN)
    assert read_token(path) == TOKEN.encode()
    path.chmod(0o644)
    with pytest.raises(SandboxError, match="other users"):
        read_token(path)
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(SandboxError, match="5 bytes"):
        read_token(path)
    with pytest.raises(SandboxError, match="cannot read"):
        read_token(tmp_path / "none")


@pytest.mark.parametrize("address", ["0.0.0.0:0", "10.0.0.1:80", "example.org:80", "unix:", "127.0.0.1"])
def test_other_addresses_than_loopbacks_are_refused(address):
    with pytest.raises(SandboxError):
        HttpDoor(address)


def test_a_door_to_the_network_wants_to_be_asked_for_and_a_token():
    with pytest.raises(SandboxError, match="open to everybody"):
        HttpDoor("0.0.0.0:0", exposed=True)
    door = HttpDoor("0.0.0.0:0", token=TOKEN.encode(), exposed=True)
    assert TOKEN not in repr(door)


async def test_a_unix_socket_is_its_owners_and_goes_with_the_server(tmp_path):
    path = tmp_path / "door"
    opened = Opened()
    pipeline = SimpleNamespace(catalog=opened.door._pipeline.catalog, score=opened.door._pipeline.score)
    for _ in range(2):
        async with HttpDoor(f"unix:{path}").opened(pipeline, opened.admission, opened.settings) as address:
            assert address == f"unix:{path}"
            assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
            async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(path))) as client:
                answer = await client.post("http://door/run_code", json={**BODY, "stdin": "7"})
                assert answer.json()["run_result"]["stdout"] == "7"
            with pytest.raises(SandboxError, match="cannot listen"):
                async with HttpDoor(address).opened(pipeline, opened.admission, opened.settings):
                    pass
        assert not path.exists()


async def test_a_taken_port_is_told():
    opened = Opened()
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SandboxError, match="cannot listen"):
        async with HttpDoor(f"127.0.0.1:{taken.getsockname()[1]}").opened(
            opened.door._pipeline, opened.admission, opened.settings
        ):
            pass


async def test_an_unknown_policy_is_told_before_anybody_calls():
    opened = Opened()
    with pytest.raises(SandboxError, match="no policy is called"):
        async with HttpDoor("127.0.0.1:0", policy="fast").opened(
            opened.door._pipeline, opened.admission, opened.settings
        ):
            pass


async def test_the_doors_end_does_not_wait_for_idle_clients():
    opened = Opened()
    door = HttpDoor("127.0.0.1:0")
    async with asyncio.timeout(5):
        async with door.opened(opened.door._pipeline, opened.admission, opened.settings) as address:
            client = httpx.AsyncClient(base_url=f"http://{address}")
            assert (await client.get("/health")).status_code == 200
    await client.aclose()

"""What becomes of a call that is not answered with a verdict: overload, faults, bad bodies, and callers who leave."""

from __future__ import annotations

import asyncio
import json

import pytest

from sandbox.v1 import verdict_pb2
from tests.door.conftest import Opened, faults
from tests.server.fakes import spin

PROGRAM = "print(input())"
TESTS = {"inputs": ["2"], "outputs": ["2"]}
ASKED = {
    "/run_code": {"code": PROGRAM, "language": "python"},
    "/submit": {"completion": PROGRAM, "config": {"provided_data": {"tests": ["assert f(1)"]}}},
    "/api/v2/execute": {"language": "python", "files": [{"content": PROGRAM}]},
    "/execute": {"generated_code": PROGRAM, "language": "python"},
    "/verify": {"response": {"output": []}, "verifier_metadata": TESTS},
    "/openrlhf": {"query": [PROGRAM], "prompts": [""], "labels": [TESTS]},
    "/slime": {"prompt": "", "response": PROGRAM, "label": TESTS},
    "/test_program": {"program": PROGRAM, "tests": ["assert f(1)"]},
    "/test_program_stdio": {"program": PROGRAM, "tests": [{"input": "2", "output": "2"}]},
}
# What each dialect's own client tries again.
RETRIED = {path: 504 if path in ("/run_code", "/submit") else 503 for path in ASKED}


@pytest.mark.parametrize("path", ASKED)
async def test_every_dialect_answers(path):
    assert (await Opened().post(path, ASKED[path])).status_code == 200


@pytest.mark.parametrize("path", ASKED)
async def test_a_fault_is_to_be_tried_again_and_is_no_number(path):
    answer = await Opened(faults).post(path, ASKED[path])
    assert (answer.status_code, answer.headers["Retry-After"]) == (RETRIED[path], "1")
    assert "no jail would start" in answer.json()["message"]
    assert answer.json().keys() == {"message", "detail", "field", "fix"}


@pytest.mark.parametrize("path", ASKED)
async def test_a_full_queue_is_to_be_tried_again(path):
    opened = Opened(queue=1, patience_s=0.01)
    with opened.admission.try_enter(1):
        answer = await opened.post(path, ASKED[path])
    assert (answer.status_code, answer.headers["Retry-After"]) == (RETRIED[path], "1")
    assert opened.asked == []
    assert (await opened.post(path, ASKED[path])).status_code == 200
    assert opened.admission.flying == 0


async def test_a_verdict_without_a_reward_is_no_answer():
    async def script(request):
        return verdict_pb2.ScoreResponse(verdict=verdict_pb2.Verdict(passed=True))

    assert (await Opened(script).post("/slime", ASKED["/slime"])).status_code == 503


async def test_one_fault_among_many_samples_is_no_answer_for_any():
    async def script(request):
        return await (faults(request) if "fault" in request.program.source else Opened().door._pipeline.score(request))

    body = {"query": ["a", "fault", "b"], "labels": [TESTS] * 3}
    assert (await Opened(script).post("/openrlhf", body)).status_code == 503


BAD = [
    ("/run_code", {"language": "python"}, "code"),
    ("/run_code", {"code": "x", "language": "pyhton"}, "program.language"),
    ("/run_code", {"code": "x", "language": "python", "run_timeout": 60}, "run_timeout"),
    ("/run_code", {"code": "x", "language": "python", "run_timeout": -1}, "run_timeout"),
    ("/run_code", {"code": "x", "language": "python", "memory_limit_MB": 1 << 30}, "memory_limit_MB"),
    ("/run_code", {"code": "x", "language": "python", "files": {"a": "%"}}, "files.a"),
    ("/run_code", {"code": "x", "language": "python", "fetch_files": ["a"]}, "fetch_files"),
    ("/run_code", {"code": 3, "language": "python"}, "code"),
    ("/submit", {"completion": "x"}, "config.provided_data"),
    ("/submit", {"completion": "x", "config": {"provided_data": [{}, {}]}}, "config.provided_data"),
    ("/submit", {"completion": "x", "config": {"provided_data": {"test": []}}}, "tests"),
    ("/api/v2/execute", {"language": "python", "files": []}, "files"),
    ("/api/v2/execute", {"language": "python", "files": [{"content": "zz", "encoding": "hex"}]}, "files.0.content"),
    ("/api/v2/execute", {"language": "python", "files": [{"content": ""}], "run_timeout": 60_000}, "run_timeout"),
    ("/execute", {"generated_code": "x"}, "language"),
    ("/openrlhf", {"query": ["x"]}, "labels"),
    ("/openrlhf", {"query": ["x"] * 2000, "labels": [1] * 2000}, "query"),
    ("/slime", {"response": "x", "label": {"workspace": "/", "tests": [{"stdio": {}}]}}, "workspace"),
    ("/slime", {"response": "x", "label": None}, "tests"),
    ("/test_program", {"program": "x", "tests": "gASV"}, "tests"),
    ("/test_program", {"program": "x", "tests": []}, "tests"),
]


@pytest.mark.parametrize(("path", "body", "field"), BAD, ids=lambda value: str(value)[:30])
async def test_a_bad_request_names_its_field(path, body, field):
    async def real_check(request):
        from sandbox.check import check_request

        check_request(request, request.tests, opened.door._pipeline.catalog)
        raise AssertionError("it was run")

    opened = Opened(real_check)
    answer = await opened.post(path, body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["field"].startswith(field)
    assert answer.json()["message"].startswith(field)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"code": "\xff", "language": "python"}'])
async def test_what_is_no_json_object_is_refused(data):
    async with Opened().client() as client:
        answer = await client.post("/run_code", content=data, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["message"]


async def test_half_a_surrogate_pair_in_a_program_is_a_question_mark():
    opened = Opened()
    async with opened.client() as client:
        data = json.dumps({"code": "print('\ud83d')", "language": "python"})
        answer = await client.post("/run_code", content=data, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert opened.asked[0].program.files[0].data == b"print('?')"


async def test_a_page_in_a_browser_cannot_ask():
    """Without asking first it can send these types only, or none."""
    opened = Opened()
    data = json.dumps(ASKED["/run_code"])
    async with opened.client() as client:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
            headers = {"Content-Type": kind} if kind else {}
            assert (await client.post("/run_code", content=data.encode(), headers=headers)).status_code == 400
        asking = {"Origin": "http://page", "Access-Control-Request-Method": "POST"}
        answer = await client.options("/run_code", headers=asking)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert opened.asked == []


async def test_a_body_is_bounded_before_it_is_read_to_its_end():
    opened = Opened(max_message_bytes=1000)
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 100
            yield b" " * 100

    async with opened.client() as client:
        answer = await client.post("/run_code", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert sent < 2000


async def test_all_bodies_together_are_bounded():
    opened = Opened(flying_bytes=1000)
    body = {**ASKED["/run_code"], "stdin": "x" * 2000}
    assert (await opened.post("/run_code", body)).status_code == 504
    assert (await opened.post("/run_code", ASKED["/run_code"])).status_code == 200


async def test_a_caller_who_leaves_ends_the_run_and_gives_its_place_back():
    ended = asyncio.Event()

    async def waits(request):
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    opened = Opened(waits)
    leaves = asyncio.Event()
    body = json.dumps(ASKED["/run_code"]).encode()
    sent = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive():
        if (message := next(sent, None)) is not None:
            return message
        await leaves.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        pass

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/run_code",
        "raw_path": b"/run_code",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    call = asyncio.ensure_future(opened.app(scope, receive, send))
    while not opened.asked:
        await asyncio.sleep(0.001)
    leaves.set()
    async with asyncio.timeout(5):
        await call
        await ended.wait()
    await spin(lambda: opened.admission.flying == 0)


async def test_a_thousand_calls_wait_for_one_place_and_each_gets_its_own_output():
    opened = Opened(queue=1, patience_s=60)

    async with opened.client() as client:

        async def one(number: int) -> bool:
            answer = await client.post("/run_code", json={**ASKED["/run_code"], "stdin": str(number)})
            return answer.json()["run_result"]["stdout"] == str(number)

        found = await asyncio.gather(*map(one, range(1000)))
    assert all(found)
    assert opened.admission.flying == 0


async def test_whether_it_is_up_is_told():
    async with Opened(token=b"x" * 20).client() as client:
        assert (await client.get("/health")).json() == {"status": "healthy"}
        assert (await client.get("/v1/ping")).json() == "pong"

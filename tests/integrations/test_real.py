"""Adapters inside the real frameworks, where those are installed: their own code calls ours."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time

import pytest

from sandbox.client.fake import FakeClient
from sandbox.integrations.core import Scorer, Unscored
from tests.integrations.conftest import BROKEN, FAULT, RIGHT, TESTS, WRONG, judged

SCORED = [(RIGHT, 1.0), (WRONG, 0.0), (BROKEN, 0.0)]


def test_skyrl_makes_the_environment_by_its_name(scorer):
    gym = pytest.importorskip("skyrl_gym")
    from skyrl_gym.envs import register

    register(id="sandbox-code", entry_point="sandbox.integrations.skyrl:CodeEnv")

    def episode(program: str):
        extras = {"reward_spec": {"ground_truth": TESTS}, "max_turns": 1}
        environment = gym.make("sandbox-code", env_config={}, extras=extras)
        prompt, _ = environment.init([{"role": "user", "content": "Double it."}])
        assert prompt == [{"role": "user", "content": "Double it."}]
        return environment.step(program)

    assert [episode(program)["reward"] for program, _ in SCORED] == [reward for _, reward in SCORED]
    with pytest.raises(Unscored):
        episode(FAULT)


async def test_verifiers_scores_a_trace_and_leaves_a_fault_without_a_reward(scorer):
    vf = pytest.importorskip("verifiers.v1")
    from verifiers.v1.trace import TraceTask

    from sandbox.integrations.verifiers import CodeData, CodeTask

    task = CodeTask(CodeData(prompt="Double it.", tests=TESTS))

    def trace(reply: str):
        recorded = TraceTask(type="CodeTask", data=task.data)
        # Who played is not looked at here.
        return vf.Trace.model_construct(task=recorded, rewards={}, metrics={}, errors=[], root_reply=reply)

    for program, reward in SCORED:
        scored = trace(program)
        await task.score(scored, None)
        assert scored.reward == reward
    failed = trace(FAULT)
    with pytest.raises(Exception, match="no reward"):
        await task.score(failed, None)
    assert all(value is None for value in failed.rewards.values())


@pytest.fixture
def openenv_server():
    pytest.importorskip("openenv")
    uvicorn = pytest.importorskip("uvicorn")
    from sandbox.integrations.openenv import application

    app = application({"double": TESTS}, Scorer(client=FakeClient(judged)))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def test_openenv_plays_episodes_over_its_own_client(openenv_server):
    from sandbox.integrations.openenv import CodeAction, CodeClient

    for program, reward in SCORED:
        with CodeClient(base_url=openenv_server).sync() as environment:
            environment.reset(task="double")
            step = environment.step(CodeAction(code=program))
            assert (step.reward, step.done) == (reward, True)
            assert step.observation.passed == (reward == 1.0)
    with CodeClient(base_url=openenv_server).sync() as environment:
        environment.reset(tests=TESTS)
        assert environment.step(CodeAction(code=RIGHT)).reward == 1.0


def test_openenv_sees_a_fault_as_an_error_of_the_call(openenv_server):
    from sandbox.integrations.openenv import CodeAction, CodeClient

    with CodeClient(base_url=openenv_server).sync() as environment:
        environment.reset(task="double")
        with pytest.raises(Exception, match="no reward"):
            environment.step(CodeAction(code=FAULT))


async def test_verls_own_loader_and_manager_call_the_reward(scorer):
    pytest.importorskip("verl")
    import torch
    from omegaconf import OmegaConf
    from verl import DataProto
    from verl.experimental.reward_loop.reward_manager import get_reward_manager_cls

    from sandbox.integrations import verl as adapter
    from sandbox.integrations.verl_manager import TokenRewardManager

    class Letters:
        def decode(self, tokens, skip_special_tokens=True):
            return "".join(map(chr, tokens.tolist()))

        def encode(self, text, add_special_tokens=False):
            return [ord(letter) for letter in text]

    def sample(program: str):
        response = torch.tensor([[ord(letter) for letter in program]])
        return DataProto.from_dict(
            tensors={
                "prompts": torch.ones(1, 2, dtype=torch.long),
                "responses": response,
                "attention_mask": torch.ones(1, 2 + response.shape[1], dtype=torch.long),
            },
            non_tensors={"data_source": ["taco"], "reward_model": [{"ground_truth": TESTS}], "extra_info": [{}]},
        )

    config = OmegaConf.create({"reward": {"reward_manager": {}, "reward_kwargs": {}}})
    naive = get_reward_manager_cls("naive")(config, Letters(), adapter.compute_score)
    tokens = TokenRewardManager(config, Letters(), None)
    for program, reward in SCORED:
        assert (await naive.run_single(sample(program)))["reward_score"] == reward
        found = await tokens.run_single(sample(program))
        scores = TokenRewardManager.assemble_rm_scores(sample(program), [found["reward_score"]])
        assert scores.shape == (1, len(program))
        assert float(scores.sum()) == reward
    with pytest.raises(Unscored):
        await naive.run_single(sample(FAULT))


def test_trl_takes_the_reward_and_a_fault_is_no_advantage(scorer, tmp_path):
    """One step of the real trainer over a model of a few thousand numbers."""
    pytest.importorskip("trl")
    from tests.integrations.tiny_trl import one_step

    seen = one_step(str(tmp_path), TESTS, [RIGHT, WRONG, BROKEN, FAULT])
    assert seen.rewards == [1.0, 0.0, 0.0, None]
    assert seen.advantages[3] == 0.0
    assert seen.advantages[0] > 0 > seen.advantages[1]
    assert seen.advantages[1] == pytest.approx(seen.advantages[2])


def test_verls_sandbox_fusion_client_scores_through_the_http_door():
    """Unchanged, but for its URL; SANDBOX_HTTP names a running server's door (`make adapters` starts one)."""
    pytest.importorskip("verl")
    address = os.environ.get("SANDBOX_HTTP")
    if not address:
        pytest.skip("SANDBOX_HTTP names no server")
    from verl.utils.reward_score.sandbox_fusion import compute_score

    cases = {"inputs": [str(number) for number in range(10)], "outputs": [str(number * 2) for number in range(10)]}

    def scored(program: str) -> tuple[float, list[dict[str, object]]]:
        return compute_score(f"http://{address}/run_code", None, 1024, program, cases, continuous=True, timeout=5)

    score, told = scored(RIGHT)
    assert (float(score), {each["status"] for each in told}) == (1.0, {"success"})
    score, told = scored("```python\nprint(4)\n```")
    assert float(score) == 0.1
    assert sorted({str(each["status"]) for each in told}) == ["success", "wrong_answer"]
    score, told = scored("```python\nraise ValueError\n```")
    assert (float(score), {each["status"] for each in told}) == (0.0, {"runtime_error"})
    assert all(each["api_request_error"] is None for each in told)

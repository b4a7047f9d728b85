"""The written contract of each framework: what it should see of a right, a wrong and a broken program, and of a fault.

A fault is None where the framework has a value for "not scored", and an exception everywhere else: never a number.
"""

from __future__ import annotations

import inspect
import pickle
from types import SimpleNamespace as Sample

import pytest

from sandbox.client.fake import FakeClient
from sandbox.integrations import areal, datasets, nemo_gym, openrlhf, rllm, slime, trl, trl_environment, verl
from sandbox.integrations.core import Scorer, Unscored
from sandbox.tasks import program_in
from tests.integrations.conftest import BROKEN, FAULT, RIGHT, TESTS, WRONG, judged
from tests.integrations.frameworks import load, stand_in

ALL = [RIGHT, WRONG, BROKEN, FAULT]
SCORED = [(RIGHT, 1.0), (WRONG, 0.0), (BROKEN, 0.0)]

pytestmark = pytest.mark.usefixtures("scorer")


async def test_trl_sees_none_for_a_fault_and_its_share_is_logged():
    logged = {}
    rewards = await trl.CodeReward()(
        prompts=["?"] * 4,
        completions=[[{"role": "assistant", "content": each}] for each in ALL],
        completion_ids=[[1]] * 4,
        tests=[TESTS] * 4,
        trainer_state=None,
        log_extra=lambda *_: None,
        log_metric=logged.__setitem__,
    )
    assert rewards == [1.0, 0.0, 0.0, None]
    assert logged == {"sandbox/faults": 0.25}


async def test_trl_takes_a_task_from_several_columns(scorer):
    reward = trl.CodeReward(scorer, columns=("test", "entry_point"))
    with pytest.raises(Exception, match="tests"):
        await reward(completions=[RIGHT], test=["assert f(1)"], entry_point=["f"])
    reward = trl.CodeReward(scorer, columns=("tests", "entry_point"))
    await reward(completions=[RIGHT], tests=["assert f(1)"], entry_point=["f"])
    job = scorer._now.jobs[-1]
    assert (job.tests[0].asserts.code, job.program.entry_point) == ("assert f(1)", "f")


async def test_trls_reward_is_a_coroutine_function_with_a_name_and_pickles():
    assert inspect.iscoroutinefunction(trl.code_reward)
    again = pickle.loads(pickle.dumps(trl.CodeReward(columns="rows")))
    for made in (trl.CodeReward(), again):
        assert inspect.iscoroutinefunction(made.__call__)
        # Python 3.11 cannot mark an object; TRL looks at its `__call__`, too.
        assert inspect.iscoroutinefunction(made) or not hasattr(inspect, "markcoroutinefunction")
    assert (again.__name__, again._columns) == ("code_reward", "rows")
    assert await trl.code_reward(["?"] * 4, ALL, tests=[TESTS] * 4) == [1.0, 0.0, 0.0, None]


async def test_a_trl_environment_has_no_reward_after_a_fault():
    made = [trl_environment.CodeEnvironment() for _ in range(5)]
    for environment, program in zip(made, ALL, strict=False):
        assert environment.reset(tests=TESTS, prompt="?") is None
        environment.submit(program)
    assert await trl_environment.environment_reward(environments=made) == [1.0, 0.0, 0.0, None, 0.0]
    assert made[0].get_reward() == 1.0
    with pytest.raises(Unscored):
        made[3].get_reward()
    assert made[3].reset(tests=TESTS) is None
    assert made[3].get_reward() == 0.0


def test_every_tool_of_a_trl_environment_is_described():
    tools = [value for name, value in vars(trl_environment.CodeEnvironment).items() if name in ("run", "submit")]
    for tool in tools:
        assert "Args:" in tool.__doc__
        assert all(each.annotation is not inspect.Parameter.empty for each in list(_parameters(tool))[1:])


def _parameters(function):
    return inspect.signature(function).parameters.values()


@pytest.mark.parametrize(("program", "reward"), SCORED)
async def test_verl_sees_the_same_numbers_for_every_sample(program, reward):
    found = await verl.compute_score("taco", program, TESTS, {"index": 1}, reward_router_address="ignored")
    assert found.keys() == {"score", "passed", "fraction"}
    assert found["score"] == reward
    assert inspect.iscoroutinefunction(verl.compute_score)


async def test_verl_sees_a_fault_as_an_exception():
    with pytest.raises(Unscored):
        await verl.compute_score("taco", FAULT, TESTS)


class _Tokenizer:
    """A character is a token."""

    def decode(self, tokens, skip_special_tokens):
        return "".join(map(chr, tokens))

    def encode(self, text, add_special_tokens):
        return [ord(letter) for letter in text]


def _item(text: str, padding: int = 3):
    import torch

    prompt, response = [1, 2], [ord(letter) for letter in text] + [0] * padding
    return [
        Sample(
            batch={
                "prompts": torch.tensor(prompt),
                "responses": torch.tensor(response),
                "attention_mask": torch.tensor([1] * (2 + len(text)) + [0] * padding),
            },
            non_tensor_batch={"data_source": "taco", "reward_model": {"ground_truth": TESTS}},
        )
    ]


@pytest.fixture
def manager(monkeypatch):
    stand_in(monkeypatch, "torch", "verl.experimental.reward_loop.reward_manager.base")
    return load(monkeypatch, "verl_manager")


def _made(kind):
    from types import SimpleNamespace

    return kind(SimpleNamespace(reward=SimpleNamespace(reward_manager={})), _Tokenizer(), None)


async def test_verls_manager_scores_one_sample_and_raises_for_a_fault(manager):
    made = _made(manager.CodeRewardManager)
    for program, reward in SCORED:
        found = await made.run_single(_item(program))
        assert found["reward_score"] == reward
        assert found["reward_extra_info"].keys() == {"score", "passed", "fraction", "program_end"}
    with pytest.raises(Unscored):
        await made.run_single(_item(FAULT))


async def test_verls_token_scores_stand_where_the_program_ends(manager):
    text = f"Like this:\n{RIGHT}\nGood luck!"
    found = await _made(manager.TokenRewardManager).run_single(_item(text))
    scores = [float(value) for value in found["reward_score"]]
    assert len(scores) == len(text) + 3
    assert [place for place, value in enumerate(scores) if value] == [text.rindex(")")]
    whole = manager.TokenRewardManager.assemble_rm_scores(None, [found["reward_score"]] * 2)
    assert [len(row) for row in whole] == [len(scores)] * 2


async def test_verls_token_scores_are_not_on_words_of_the_program_in_later_prose(manager):
    found = await _made(manager.TokenRewardManager).run_single(_item(f"{RIGHT}\nThat is {program_in(RIGHT)}"))
    assert [place for place, value in enumerate(found["reward_score"]) if float(value)] == [RIGHT.rindex(")")]


def test_openrlhf_sees_scalars_for_one_sample_and_lists_for_many():
    query = "Double it.<|assistant|>"
    found = openrlhf.reward_func([query + RIGHT + "<|im_end|>"], [query], [TESTS])
    assert found == {"rewards": 1.0, "scores": 1.0, "extra_logs": {"passed": 1.0}}
    found = openrlhf.reward_func([RIGHT, WRONG, BROKEN], [""] * 3, [TESTS] * 3)
    assert (found["rewards"], found["scores"]) == ([1.0, 0.0, 0.0], [1.0, 0.5, 0.0])
    with pytest.raises(Unscored):
        openrlhf.reward_func([FAULT], [""], [TESTS])


async def test_an_openrlhf_agent_ends_with_its_last_turn_and_a_fault_raises(monkeypatch):
    stand_in(monkeypatch, "torch", "openrlhf.utils.agent")
    agent = load(monkeypatch, "openrlhf_agent")
    monkeypatch.setattr(agent, "TURNS", 2)
    assert agent.AgentExecutor().agent_instance_cls is agent.CodeAgent
    made = agent.CodeAgent()
    assert await made.reset({"observation": "Double it.", "label": TESTS}) == {"observation": "Double it."}
    first = await made.step({"observation_text": "", "action_text": WRONG, "label": TESTS})
    assert (float(first["rewards"]), float(first["scores"]), first["done"]) == (0.0, 0.5, False)
    assert "Write the whole program again" in first["environment_feedback"]
    last = await made.step({"observation_text": "", "action_text": RIGHT, "label": TESTS})
    assert (float(last["rewards"]), last["done"], last["environment_feedback"]) == (1.0, True, "")
    with pytest.raises(Unscored):
        await made.step({"observation_text": "", "action_text": FAULT, "label": TESTS})


@pytest.mark.parametrize(("program", "reward"), SCORED)
def test_a_skyrl_environment_steps_once(monkeypatch, program, reward):
    environment = _skyrl(monkeypatch)
    step = environment.step(program)
    assert (step["reward"], step["done"], step["observations"]) == (reward, True, [])
    assert environment.get_metrics() == {"passed": reward, "turns": 1}


def test_a_skyrl_environment_of_two_turns_shows_what_may_be_seen(monkeypatch):
    environment = _skyrl(monkeypatch, max_turns=2)
    step = environment.step(WRONG)
    assert step["done"] is False
    assert step["observations"] == [{"role": "user", "content": "There are no public tests."}]
    assert environment.step(BROKEN)["done"] is True


def test_a_skyrl_environment_raises_for_a_fault(monkeypatch):
    with pytest.raises(Unscored):
        _skyrl(monkeypatch).step(FAULT)


def _skyrl(monkeypatch, **extras):
    stand_in(monkeypatch, "skyrl_gym.envs.base_text_env")
    skyrl = load(monkeypatch, "skyrl")
    return skyrl.CodeEnv(env_config={}, extras={"reward_spec": {"ground_truth": TESTS}, **extras})


async def test_a_verifiers_task_has_a_reward_or_an_error(monkeypatch):
    stand_in(monkeypatch, "verifiers.v1")
    module = load(monkeypatch, "verifiers")
    task = module.CodeTask(module.CodeData(prompt="Double it.", tests=TESTS))
    for program, reward in SCORED:
        assert await task.code(Sample(last_reply=program)) == reward
    with pytest.raises(Unscored):
        await task.code(Sample(last_reply=FAULT))


def _response(text: str) -> dict:
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}
    return {"output": [{"type": "reasoning", "summary": []}, said]}


async def test_nemo_gym_sees_its_own_body_with_a_reward():
    for program, reward in SCORED:
        body = {
            "responses_create_params": {"input": []},
            "response": _response(program),
            "verifier_metadata": {"unit_tests": TESTS},
        }
        found = await nemo_gym.verify(body)
        assert found["reward"] == reward
        assert {name: found[name] for name in body} == body
    with pytest.raises(Unscored):
        await nemo_gym.verify({"response": _response(FAULT), "verifier_metadata": {"unit_tests": TESTS}})


async def test_slime_sees_numbers_of_a_sample_and_floats_of_a_group():
    samples = [Sample(response=each, label=None, metadata={"tests": TESTS}) for each in ALL]
    assert [(await slime.reward(None, each))["score"] for each in samples[:3]] == [1.0, 0.0, 0.0]
    assert await slime.group_reward(None, samples[:3]) == [1.0, 0.0, 0.0]
    assert await slime.group_reward(None, [Sample(response=RIGHT, label=TESTS, metadata={})]) == [1.0]
    with pytest.raises(Unscored):
        await slime.reward(None, samples[3])
    with pytest.raises(Unscored, match="1 of 4"):
        await slime.group_reward(None, samples)


def test_rllm_sees_a_reward_and_whether_it_is_right():
    def episode(text):
        return Sample(artifacts={"answer": text}, trajectories=[])

    assert [rllm.evaluate({"tests": TESTS}, episode(each)) for each in ALL[:3]] == [
        (1.0, True),
        (0.0, False),
        (0.0, False),
    ]
    steps = [Sample(model_response=RIGHT), Sample(model_response="")]
    said = Sample(artifacts={}, trajectories=[Sample(steps=steps)])
    assert rllm.evaluate(Sample(metadata={"ground_truth": TESTS}), said) == (1.0, True)
    with pytest.raises(Unscored):
        rllm.evaluate({"tests": TESTS}, episode(FAULT))


def test_areal_sees_a_float():
    assert [areal.reward_fn("?", each, [1], [2], answer=TESTS) for each in ALL[:3]] == [1.0, 0.0, 0.0]
    assert areal.reward_fn("?", RIGHT, answer="4", tests=TESTS) == 1.0
    with pytest.raises(Unscored):
        areal.reward_fn("?", FAULT, answer=TESTS)


class _Renderer:
    def build_generation_prompt(self, messages):
        return tuple(each["role"] for each in messages)

    def get_stop_sequences(self):
        return ["<|end|>"]

    def parse_response(self, action):
        return {"role": "assistant", "content": action}, True


async def test_a_tinker_environment_goes_on_until_it_passes_or_its_turns_are_over(monkeypatch):
    stand_in(monkeypatch, "tinker_cookbook.rl.types")
    tinker = load(monkeypatch, "tinker")
    environment = tinker.CodeEnv(_Renderer(), "Double it.", TESTS, turns=3)
    assert await environment.initial_observation() == (("user",), ["<|end|>"])
    first = await environment.step(WRONG)
    assert (first.reward, first.episode_done, first.next_observation) == (0.0, False, ("user", "assistant", "user"))
    assert first.metrics == {"score": 0.0, "passed": 0.0, "fraction": 0.5}
    last = await environment.step(RIGHT, extra=None)
    assert (last.reward, last.episode_done) == (1.0, True)
    with pytest.raises(Unscored):
        await environment.step(FAULT)


def test_a_data_sets_column_has_none_for_a_fault():
    batch = {"completion": ALL, "tests": [TESTS] * 4}
    assert datasets.Graded()(batch) == {"reward": [1.0, 0.0, 0.0, None]}
    graded = pickle.loads(pickle.dumps(datasets.Graded(Scorer(client=FakeClient(judged)), reward="r")))
    assert graded(batch) == {"r": [1.0, 0.0, 0.0, None]}

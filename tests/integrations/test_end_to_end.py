"""Adapters over a real server and real jails; a fault is a server that is gone."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace as Sample

import pytest

from sandbox.integrations import areal, core, datasets, nemo_gym, openrlhf, rllm, slime, trl, trl_environment, verl
from sandbox.integrations.core import Scorer, Unscored
from tests.integrations.conftest import BROKEN, RIGHT, TESTS, WRONG
from tests.serving import Serving

pytestmark = pytest.mark.jail
PROGRAMS, REWARDS = [RIGHT, WRONG, BROKEN], [1.0, 0.0, 0.0]


@pytest.fixture
def real(server: Serving, monkeypatch: pytest.MonkeyPatch) -> Scorer:
    made = Scorer(server.address)
    monkeypatch.setattr(core, "_default", made)
    return made


async def test_every_adapter_that_needs_no_framework_has_the_servers_rewards(real):
    said = [{"output": [{"type": "message", "content": each}]} for each in PROGRAMS]
    samples = [Sample(response=each, label=TESTS, metadata={}) for each in PROGRAMS]
    episodes = [Sample(artifacts={"answer": each}, trajectories=[]) for each in PROGRAMS]
    found = {
        "trl": await trl.code_reward(["?"] * 3, PROGRAMS, tests=[TESTS] * 3),
        "verl": [(await verl.compute_score("x", each, TESTS))["score"] for each in PROGRAMS],
        "openrlhf": (await asyncio.to_thread(openrlhf.reward_func, PROGRAMS, [""] * 3, [TESTS] * 3))["rewards"],
        "slime": await slime.group_reward(None, samples),
        "areal": [await asyncio.to_thread(areal.reward_fn, "?", each, answer=TESTS) for each in PROGRAMS],
        "rllm": [(await asyncio.to_thread(rllm.evaluate, {"tests": TESTS}, each))[0] for each in episodes],
        "nemo": [(await nemo_gym.verify({"response": each, "verifier_metadata": TESTS}))["reward"] for each in said],
        "datasets": (await asyncio.to_thread(datasets.Graded(real), {"completion": PROGRAMS, "tests": [TESTS] * 3}))[
            "reward"
        ],
    }
    assert found == dict.fromkeys(found, REWARDS)


def test_an_environments_tools_run_and_grade(real):
    environment = trl_environment.CodeEnvironment(real)
    environment.reset(tests={**TESTS, "scheme": "fraction"})
    assert environment.run("print(input())", "7") == "7"
    assert environment.run("import sys; print(1); sys.exit('no')").splitlines() == ["1", "no", "RUNTIME_ERROR"]
    environment.submit(WRONG)
    assert environment.get_reward() == 0.5


async def test_a_thousand_samples_at_one_time_are_all_right(real):
    samples = [Sample(response=PROGRAMS[number % 2], label=TESTS, metadata={}) for number in range(1000)]
    found = await asyncio.gather(*(slime.reward(None, each) for each in samples))
    assert [each["score"] for each in found] == [REWARDS[number % 2] for number in range(1000)]


async def test_a_server_that_is_gone_is_a_fault_and_no_number(tmp_path):
    gone = Scorer(f"unix:{tmp_path}/none", patience=0.2, timeout=2.0)
    gone._later._memory.reached = gone._now._client._memory.reached = True  # it was there once
    assert await gone.rewards(PROGRAMS, [TESTS] * 3) == [None] * 3
    with pytest.raises(Unscored):
        await gone.score(RIGHT, TESTS)

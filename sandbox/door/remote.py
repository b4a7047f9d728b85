"""Remote reward models: OpenRLHF's, slime's, and NeMo Gym's `/verify`. The label holds a row's tests.

The clients try any status but 200 again (5 times, 10 times), and then leave the sample without a reward, or raise.
"""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from sandbox.door.body import Asked
from sandbox.door.door import Door
from sandbox.errors import JobError
from sandbox.tasks import job_of, program_in, text_of

RETRY = 503
_MOST = 1024


class Queries(Asked):
    """Prompts with what a model wrote; `prompts` are cut off where they stand before it. May be empty."""

    query: list[str] = Field(default_factory=list, max_length=_MOST)
    prompts: list[str] = Field(default_factory=list, max_length=_MOST)
    labels: list[Any] = Field(default_factory=list, max_length=_MOST)


class Sample(Asked):
    """One sample."""

    response: str
    label: Any
    prompt: Any = None


class Verify(Asked):
    """A response in the form of the Responses API; further fields come back as they are."""

    model_config = ConfigDict(extra="allow")

    response: dict[str, Any]
    verifier_metadata: Any


async def openrlhf(door: Door, asked: Queries) -> dict[str, Any]:
    """Rewards, and passed shares as scores; numbers where it is one sample, for that is put into a tensor as it is."""
    if len(asked.labels) != len(asked.query):
        raise JobError("labels", f"{len(asked.labels)} for {len(asked.query)} queries", "send one label for each query")
    prompts = asked.prompts if len(asked.prompts) == len(asked.query) else [""] * len(asked.query)
    texts = [query.removeprefix(prompt) for query, prompt in zip(asked.query, prompts, strict=True)]
    jobs = [job_of(program_in(text), label) for text, label in zip(texts, asked.labels, strict=True)]
    found = await door.score_all(jobs)
    rewards, scores = [each.reward for each in found], [each.fraction for each in found]
    if len(found) == 1:
        return {"rewards": rewards[0], "scores": scores[0], "extra_logs": {}}
    return {"rewards": rewards, "scores": scores, "extra_logs": {}}


async def slime(door: Door, asked: Sample) -> float:
    """The reward alone."""
    return (await door.score(job_of(program_in(asked.response), asked.label))).reward


async def verify(door: Door, asked: Verify) -> dict[str, Any]:
    """The body again, with its reward."""
    said = [each for each in asked.response.get("output") or () if isinstance(each, dict)]
    messages = [each for each in said if each.get("type", "message") == "message"]
    text = text_of(messages[-1]) if messages else ""
    found = await door.score(job_of(program_in(text), asked.verifier_metadata))
    numbers = {"reward": found.reward, "passed": found.verdict.passed, "fraction": found.fraction}
    return {**asked.model_dump(), **numbers}

"""OpenEnv: a server of episodes in which a program is handed in, and the client for it.

    app = application(tasks={"double": {"inputs": ["2"], "outputs": ["4"]}})     # uvicorn module:app
    with CodeClient(base_url="http://127.0.0.1:8000") as env:
        env.reset(task="double")
        print(env.step(CodeAction(code="print(int(input()) * 2)")).reward)

The trainer names a task of the server, or gives `tests` of its own. A fault is an error of the call, never a reward.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from openenv.core import EnvClient
from openenv.core.client_types import StepResult
from openenv.core.env_server import Action, Environment, Observation, State, create_app

from sandbox.integrations.core import Scorer, Unscored, default


class CodeAction(Action):  # type: ignore[misc]
    """A whole program, in text with or without fences."""

    code: str


class CodeObservation(Observation):  # type: ignore[misc]
    """What the model may see of a verdict, and the numbers for the trainer."""

    feedback: str = ""
    passed: bool = False
    fraction: float = 0.0
    status: str = ""


class CodeEnvironment(Environment):  # type: ignore[misc]
    """An episode ends with a program that passes, or after `turns` programs."""

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self, tasks: Mapping[str, object], scorer: Scorer, turns: int = 1) -> None:
        super().__init__()
        self._tasks, self._scorer, self._turns = tasks, scorer, turns
        self._task: object = None
        self._state = State()

    def reset(
        self, seed: int | None = None, episode_id: str | None = None, task: str = "", tests: object = None, **rest: Any
    ) -> CodeObservation:
        """Begins an episode. KeyError for a task that is not the server's."""
        self._task = tests if tests is not None else self._tasks[task]
        self._state = State(episode_id=episode_id or uuid.uuid4().hex, step_count=0)
        return CodeObservation()

    def step(self, action: CodeAction, timeout_s: float | None = None, **rest: Any) -> CodeObservation:
        """Grades a program. Raises Unscored for a fault."""
        if self._task is None:
            raise Unscored("no episode has begun: reset first")
        score = self._scorer.score_now(action.code, self._task)
        self._state.step_count += 1
        return CodeObservation(
            done=score.passed or self._state.step_count >= self._turns,
            reward=score.reward,
            feedback=score.feedback,
            passed=score.passed,
            fraction=score.fraction,
            status=score.status,
        )

    @property
    def state(self) -> State:
        """The episode's name, and how many programs it has seen."""
        return self._state


class CodeClient(EnvClient[CodeAction, CodeObservation, State]):  # type: ignore[misc]
    """The trainer's side, with types."""

    def _step_payload(self, action: CodeAction) -> dict[str, Any]:
        return {"code": action.code}

    def _parse_result(self, payload: dict[str, Any]) -> StepResult[CodeObservation]:
        seen = CodeObservation(**payload.get("observation", {}))
        seen.reward, seen.done = payload.get("reward"), bool(payload.get("done"))
        return StepResult(observation=seen, reward=seen.reward, done=seen.done)

    def _parse_state(self, payload: dict[str, Any]) -> State:
        return State(**payload)


def application(
    tasks: Mapping[str, object] | None = None, scorer: Scorer | None = None, *, turns: int = 1, sessions: int = 256
) -> Any:
    """The ASGI application; it serves up to `sessions` episodes at a time."""
    known, grader = tasks or {}, scorer or default()
    return create_app(
        lambda: CodeEnvironment(known, grader, turns),
        CodeAction,
        CodeObservation,
        env_name="sandbox_code",
        max_concurrent_envs=sessions,
    )

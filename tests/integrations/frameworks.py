"""The contracts of frameworks that are not installed here, as small as the adapters need them.

Where the real package is there, it is what an adapter is tested against: `make adapters` installs those that can be.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable
from typing import Any, Generic, TypedDict, TypeVar

T = TypeVar("T")


def present(name: str) -> bool:
    """Whether the real package is installed."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


class _AgentInstance:
    async def reset(self, states: dict, **kwargs: Any) -> dict:
        raise NotImplementedError

    async def step(self, states: dict, **kwargs: Any) -> dict:
        raise NotImplementedError


class _MultiTurn:
    def __init__(self, agent_instance_cls: type, *args: Any, **kwargs: Any) -> None:
        self.agent_instance_cls = agent_instance_cls


class _TextEnv:
    def __init__(self) -> None:
        self.turns, self.max_turns = 0, 1


class _StepOutput(TypedDict):
    observations: list
    reward: float
    done: bool
    metadata: dict
    postprocessed_action: str | None


class _Data:
    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


class _Task(Generic[T]):
    def __init__(self, data: T) -> None:
        self.data = data


def _reward(weight: float = 1.0) -> Callable[[T], T]:
    return lambda function: function


class _RewardManager:
    """Calls as verl's base: a scalar goes on the last token that is no padding."""

    def __init__(self, config: Any, tokenizer: Any, compute_score: Any) -> None:
        self.config, self.tokenizer, self.compute_score = config, tokenizer, compute_score


class _Env:
    pass


class _StepResult(_Data):
    pass


class _Tensor(list):
    """A vector of numbers."""

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self),)

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return _Tensor(found) if isinstance(index, slice) else found

    def sum(self) -> float:
        return sum(iter(self))


def tensor(value: Any) -> Any:
    return _Tensor(value) if isinstance(value, list) else value


STUBS: dict[str, dict[str, Any]] = {
    "torch": {
        "tensor": tensor,
        "as_tensor": lambda value, dtype=None: value,
        "zeros": lambda length, dtype=None: _Tensor([0.0] * length),
        "stack": lambda rows: _Tensor(rows),
        "float32": None,
    },
    "openrlhf.utils.agent": {"AgentInstanceBase": _AgentInstance, "MultiTurnAgentExecutor": _MultiTurn},
    "skyrl_gym.envs.base_text_env": {
        "BaseTextEnv": _TextEnv,
        "BaseTextEnvStepOutput": _StepOutput,
        "ConversationType": list,
    },
    "verifiers.v1": {"TaskData": _Data, "Task": _Task, "reward": _reward},
    "verl.experimental.reward_loop.reward_manager.base": {"RewardManagerBase": _RewardManager},
    "tinker_cookbook.rl.types": {"Env": _Env, "StepResult": _StepResult},
}


def stand_in(monkeypatch: Any, *names: str) -> None:
    """Puts the contracts of those modules whose packages are missing in their place."""
    for name in names:
        if present(name.split(".")[0]):
            continue
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            path = ".".join(parts[:depth])
            if path not in sys.modules:
                module = types.ModuleType(path)
                module.__path__ = []  # type: ignore[attr-defined]
                monkeypatch.setitem(sys.modules, path, module)
        for attribute, value in STUBS[name].items():
            setattr(sys.modules[name], attribute, value)


def load(monkeypatch: Any, adapter: str) -> Any:
    """An adapter, loaded anew over what is there now."""
    monkeypatch.delitem(sys.modules, f"sandbox.integrations.{adapter}", raising=False)
    return importlib.import_module(f"sandbox.integrations.{adapter}")

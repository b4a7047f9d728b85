"""One completion, as the rollout log keeps it: one JSON object a line.

The log is for whoever trains: it holds what hidden tests said, too, and is never shown to a model.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from sandbox.errors import SandboxError


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test's result. `score` in 0..1, times in milliseconds; outputs are as the server clipped them."""

    id: str
    status: str
    score: float
    public: bool = False
    cpu_ms: float = 0.0
    detail: str = ""
    stdout: str = ""
    stderr: str = ""


@dataclass(frozen=True, slots=True)
class Rollout:
    """One completion of one step.

    `group`    completions of one prompt in one step: what advantages are relative to
    `turn`     0, and up in self-repair: every turn is a line of its own, the last of a sample has the reward
    `reward`   what the server gave, unshuffled; None is a fault, or a turn that is not the last
    `verdict`  the verdict's status; empty where there is none
    `fault`    why there is none, if it is our fault
    `prompt`   what the model was given in this turn: text, or a conversation as JSON
    `place`    where in the completion its program stands, in characters; None where nobody noted it
    `above`    lines of the judged program that stand above the completion's own
    `tokens`   how many tokens the completion has
    `numbers`  what was logged apart: the scheme's components, format, efficiency
    """

    step: int
    task: str
    group: str
    sample: int
    prompt: str
    completion: str
    turn: int = 0
    last: bool = True
    reward: float | None = None
    passed: bool = False
    verdict: str = ""
    fault: str = ""
    place: tuple[int, int] | None = None
    above: int = 0
    tokens: int = 0
    numbers: dict[str, float] = field(default_factory=dict)
    tests: tuple[Outcome, ...] = ()

    def line(self) -> str:
        """The record as one line."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")) + "\n"

    @classmethod
    def parse(cls, line: str) -> Self:
        """The record in a line. Keys of later versions are passed over. Raises SandboxError."""
        try:
            data: dict[str, Any] = json.loads(line)
            tests = tuple(Outcome(**_known(Outcome, test)) for test in data.pop("tests", ()))
            if data.get("place") is not None:
                start, end = data["place"]
                data["place"] = (int(start), int(end))
            found = cls(**_known(cls, data), tests=tests)
            for name, kinds in _KINDS.items():
                value = getattr(found, name)
                if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
                    raise TypeError(f"{name} is {value!r}")
            return found
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise SandboxError("a line is no rollout", why=str(error), fix="cut the file where it is whole") from error


# What is computed with, so that a line that another tool wrote is told where it is read.
_KINDS: dict[str, tuple[type, ...]] = {
    "step": (int,),
    "sample": (int,),
    "turn": (int,),
    "above": (int,),
    "tokens": (int,),
    "reward": (int, float, type(None)),
    "prompt": (str,),
    "completion": (str,),
    "task": (str,),
    "group": (str,),
    "numbers": (dict,),
}


def _known(kind: type, data: dict[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in data.items() if name in names}

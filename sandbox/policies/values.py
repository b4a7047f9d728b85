"""Every effective value of a policy, with the place where it was written and what a program sees when it is reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from sandbox.policies.policy import Policy
from sandbox.policies.tables import PolicyTable

DEFAULT = "default of the data model"


@dataclass(frozen=True, slots=True)
class Described:
    """A key of the data model with its documentation. `least`: of numbers. `build`, `judge`: of limits."""

    key: str
    kind: str
    means: str
    by: str
    reached: str
    build: str = ""
    judge: str = ""
    least: int | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """An effective value. `origin`: "default.toml:9", or that no file gives it."""

    key: str
    value: Any
    origin: str
    reached: str


def described() -> list[Described]:
    """Every key that a policy file can have, in the order of the data model. Keys of a map end with a star."""
    return list(_described(PolicyTable, ""))


def _described(table: type[BaseModel], prefix: str) -> Iterator[Described]:
    for name, field in table.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _described(kind, f"{prefix}{name}.")
            continue
        said = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        texts = {each: str(said.get(each, "")) for each in ("by", "reached", "build", "judge")}
        least = next((rule.ge for rule in field.metadata if hasattr(rule, "ge")), None)
        star = ".*" if kind == dict[str, str] else ""
        yield Described(f"{prefix}{name}{star}", _kind(kind), field.description or "", **texts, least=least)


def _kind(annotation: Any) -> str:
    """A type in words of TOML."""
    if annotation in _KINDS:
        return _KINDS[annotation]
    return " or ".join(f'"{choice}"' for choice in annotation.__args__)


_KINDS: dict[Any, str] = {
    int: "number",
    str: "text",
    bool: "true or false",
    tuple[str, ...]: "list of texts",
    dict[str, str]: "text",
}


def values(policy: Policy) -> list[Value]:
    """Everything that applies under a policy, in the order of the data model."""
    reached = {each.key: each.reached for each in described()}
    return [
        Value(
            key=".".join(keys),
            value=value,
            origin=str(policy.origin(*keys) or DEFAULT),
            reached=reached.get(".".join(keys)) or reached.get(f"{keys[0]}.*", ""),
        )
        for keys, value in _leaves(policy.table.model_dump(), ())
    ]


def _leaves(table: dict[str, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), list(value) if isinstance(value, tuple) else value

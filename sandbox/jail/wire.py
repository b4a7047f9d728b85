"""Plans as JSON, for the trip from the server to the spawner."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from sandbox.model.limits import Limits
from sandbox.model.plan import Bind, Blank, CellPlan, Copy, Device, Entry, Folder, Link, Text, Watched

_ENTRIES: dict[str, type[Entry]] = {kind.__name__: kind for kind in (Bind, Blank, Copy, Device, Folder, Link, Text)}


def plan_to_json(plan: CellPlan) -> dict[str, Any]:
    """Plain data that `plan_from_json` turns back into an equal plan."""
    data = {field.name: getattr(plan, field.name) for field in dataclasses.fields(plan)}
    data["root"] = [[type(entry).__name__, *dataclasses.astuple(entry)] for entry in plan.root]
    data["seccomp"] = plan.seccomp.hex()
    data["watched"] = watched_to_json(plan.watched)
    data["limits"] = dataclasses.asdict(plan.limits)
    return data


def plan_from_json(data: dict[str, Any]) -> CellPlan:
    """The plan that `plan_to_json` wrote."""
    return CellPlan(
        **{
            **data,
            "root": tuple(_ENTRIES[kind](*values) for kind, *values in data["root"]),
            "preload": tuple(data["preload"]),
            "packages": tuple(data["packages"]),
            "modes": tuple(data["modes"]),
            "environment": tuple((name, value) for name, value in data["environment"]),
            "seccomp": bytes.fromhex(data["seccomp"]),
            "watched": _watched(data["watched"]),
            "limits": Limits(**data["limits"]),
        }
    )


def watched_to_json(watched: Watched | None) -> dict[str, Any] | None:
    """As the spawner and the init read it."""
    if watched is None:
        return None
    return {"notice": watched.notice.hex(), "rest": watched.rest.hex(), "errors": [[*pair] for pair in watched.errors]}


def _watched(data: dict[str, Any] | None) -> Watched | None:
    if data is None:
        return None
    errors = tuple((number, error) for number, error in data["errors"])
    return Watched(bytes.fromhex(data["notice"]), bytes.fromhex(data["rest"]), errors)


_encoder = json.JSONEncoder(separators=(",", ":"))


def encode(message: dict[str, Any]) -> bytes:
    """One message between server, spawner and cells."""
    return _encoder.encode(message).encode()

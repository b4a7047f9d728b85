"""Plans as JSON, for the trip from the server to the spawner."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from sandbox.model.limits import Limits
from sandbox.model.plan import Bind, Blank, CellPlan, Copy, Device, Entry, Folder, Link, Text

_ENTRIES: dict[str, type[Entry]] = {kind.__name__: kind for kind in (Bind, Blank, Copy, Device, Folder, Link, Text)}


def plan_to_json(plan: CellPlan) -> dict[str, Any]:
    """Plain data that `plan_from_json` turns back into an equal plan."""
    data = {field.name: getattr(plan, field.name) for field in dataclasses.fields(plan)}
    data["root"] = [[type(entry).__name__, *dataclasses.astuple(entry)] for entry in plan.root]
    data["seccomp"] = plan.seccomp.hex()
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
            "limits": Limits(**data["limits"]),
        }
    )


_encoder = json.JSONEncoder(separators=(",", ":"))


def encode(message: dict[str, Any]) -> bytes:
    """One message between server, spawner and cells."""
    return _encoder.encode(message).encode()

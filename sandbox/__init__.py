"""A code-execution reward server for reinforcement learning, and its client.

    from sandbox import Client, Job

    rewards = Client().rewards(Job(code).stdio("2\\n", "4\\n") for code in completions)

The names below are all that is public here. They are loaded when they are first used, since much of this package (what
runs inside a jail, what starts jails) must not load gRPC.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.client.aio import AsyncClient
    from sandbox.client.errors import Rejected
    from sandbox.client.fake import FakeClient
    from sandbox.client.job import Job
    from sandbox.client.sync import Client
    from sandbox.errors import SandboxError
    from sandbox.v1.verdict_pb2 import Fault, Status, Verdict

__all__ = ["AsyncClient", "Client", "FakeClient", "Fault", "Job", "Rejected", "SandboxError", "Status", "Verdict"]

_HOMES = {
    "AsyncClient": "sandbox.client.aio",
    "Client": "sandbox.client.sync",
    "FakeClient": "sandbox.client.fake",
    "Fault": "sandbox.v1.verdict_pb2",
    "Job": "sandbox.client.job",
    "Rejected": "sandbox.client.errors",
    "SandboxError": "sandbox.errors",
    "Status": "sandbox.v1.verdict_pb2",
    "Verdict": "sandbox.v1.verdict_pb2",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

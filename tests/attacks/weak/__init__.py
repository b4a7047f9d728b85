"""Deliberately weak graders, one a module, each with the function `pays`: they show that the attacks are real.

They do what graders in the field do, without a jail, in processes of their own that are bounded and short-lived.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.v1 import job_pb2
from tests.attacks.attack import Attack
from tests.attacks.weak import bare

# What the graders are made of.
_PARTS = {"running", "inside", "building", "confine", "outputs", "bare"}


@dataclass(frozen=True)
class Sent:
    """An attack as the request that it would be."""

    request: job_pb2.ScoreRequest


def names() -> list[str]:
    """Every grader."""
    return sorted({module.name for module in pkgutil.iter_modules(__path__)} - _PARTS)


def grader(name: str) -> Callable[[Attack], bool]:
    """Whether the grader of that name pays an attack. Graders take an `attack`, or a `case`: the job as it is sent."""
    pays = importlib.import_module(f"{__name__}.{name}").pays
    takes_case = "case" in inspect.signature(pays).parameters
    return (lambda attack: _asked(pays, attack)) if takes_case else pays


def _asked(pays: Callable[[Sent], bool], attack: Attack) -> bool:
    bare.confining = not attack.options.get("bare", False)
    try:
        return pays(_sent(attack))
    finally:
        bare.confining = True


def _sent(attack: Attack) -> Sent:
    request = job_pb2.ScoreRequest()
    request.CopyFrom(attack.case.request)
    if len(attack.files) == 1 and attack.main in attack.files:
        request.program.ClearField("files")
        request.program.source = attack.files[attack.main].decode(errors="surrogateescape")
    return Sent(request)

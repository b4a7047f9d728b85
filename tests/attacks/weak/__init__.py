"""Deliberately weak graders, one a module, each with the function `pays`: they show that the attacks are real.

They do what graders in the field do, without a jail, in processes of their own that are bounded and short-lived.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.v1 import job_pb2
from tests.attacks.attack import Attack
from tests.attacks.weak_more import _bare

# What the graders are made of.
_PARTS = {"running", "inside", "building", "confine", "outputs", "_bare"}
# Those of `weak_more` take a job as it is sent.
_MORE = Path(__file__).parent.with_name("weak_more")


@dataclass(frozen=True)
class Sent:
    """An attack as the request that it would be."""

    request: job_pb2.ScoreRequest


def names() -> list[str]:
    """Every grader."""
    found = pkgutil.iter_modules([*__path__, str(_MORE)])
    return sorted({module.name for module in found} - _PARTS)


def grader(name: str) -> Callable[[Attack], bool]:
    """Whether the grader of that name pays an attack."""
    more = (_MORE / f"{name}.py").exists()
    package = f"{__name__.rpartition('.')[0]}.weak_more" if more else __name__
    pays = importlib.import_module(f"{package}.{name}").pays
    return (lambda attack: _asked(pays, attack)) if more else pays


def _asked(pays: Callable[[Sent], bool], attack: Attack) -> bool:
    _bare.confining = not attack.options.get("bare", False)
    try:
        return pays(_sent(attack))
    finally:
        _bare.confining = True


def _sent(attack: Attack) -> Sent:
    request = job_pb2.ScoreRequest()
    request.CopyFrom(attack.case.request)
    if len(attack.files) == 1 and attack.main in attack.files:
        request.program.ClearField("files")
        request.program.source = attack.files[attack.main].decode(errors="surrogateescape")
    return Sent(request)

"""Deliberately weak graders, one a module, each with the function `pays`: they show that the attacks are real.

They do what graders in the field do, without a jail, in processes of their own that are bounded and short-lived.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from tests.attacks.attack import Attack

# What the graders are made of.
_PARTS = {"running", "inside", "building", "confine", "outputs"}


def names() -> list[str]:
    """Every grader."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _PARTS)


def grader(name: str) -> Callable[[Attack], bool]:
    """Whether the grader of that name pays an attack."""
    pays: Callable[[Attack], bool] = importlib.import_module(f"{__name__}.{name}").pays
    return pays

"""Errors that people see: `error[code]: subject / why / fix`. Rendered by `sandbox/cli/render.py` only.

SandboxError          base: code, subject, why, fix
├── ConfigError       a data file (runtime, policy) is wrong; names file and line
├── SetupError        this machine lacks something; says what to install
└── JobError          a job is bad: names the field; becomes `rejected` on the wire
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SandboxError(Exception):
    """An expected failure, with a way out."""

    code = "sandbox"

    def __init__(self, subject: str, *, why: str = "", fix: str = "") -> None:
        super().__init__(subject)
        self.subject, self.why, self.fix = subject, why, fix


class ConfigError(SandboxError):
    """A runtime or policy file does not hold."""

    code = "config"


class SetupError(SandboxError):
    """The machine lacks something that a jail needs."""

    code = "setup"


class JobError(SandboxError):
    """A job cannot be run as it was sent. `reject` is a name of the wire's RejectCode."""

    code = "job"

    def __init__(
        self,
        field: str,
        message: str,
        suggestion: str = "",
        *,
        reject: str = "INVALID_ARGUMENT",
        retry_after_ms: int = 0,
    ) -> None:
        super().__init__(f"{field}: {message}" if field else message, fix=suggestion)
        self.field, self.message, self.suggestion = field, message, suggestion
        self.reject, self.retry_after_ms = reject, retry_after_ms


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that suggests the nearest of `known`, or lists them."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"one of: {', '.join(names)}"

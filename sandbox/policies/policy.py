"""A checked policy, and the hash over what it comes to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.datafiles import Origin
from sandbox.model.limits import Limits
from sandbox.policies.tables import PolicyTable, SeccompTable
from sandbox.toml_lines import Keys


@dataclass(frozen=True)
class Policy:
    """A checked policy.

    `hash`: over its effective values, the system calls that it grants, and the egress rules that it names. `origins`:
    where its values were written; a value that no file gives has none.
    """

    table: PolicyTable
    limits: Limits
    build_limits: Limits
    judge_limits: Limits
    seccomp: SeccompTable
    hash: str
    origins: Mapping[Keys, Origin]

    @property
    def name(self) -> str:
        """The name under which requests ask for it."""
        return self.table.name

    @property
    def watched(self) -> list[str]:
        """Calls that are noticed where they are refused."""
        granted = {call for group in self.table.seccomp.groups for call in self.seccomp.groups[group].calls}
        listed = self.seccomp.watched.calls if self.seccomp.watched is not None else ()
        return [call for call in listed if call not in granted]

    def origin(self, *keys: str) -> Origin | None:
        """Where the value of a key was written; None: no file gives it, and it is a default."""
        return self.origins.get(keys)


def policy_hash(table: PolicyTable, seccomp: SeccompTable, egress: Mapping[str, Any] | None) -> str:
    """ "sha256:..." over what decides. How files spell it, and in which order they list it, is no part of it.

    `egress`: the rules that the policy names, as its file has them.
    """
    values = table.model_dump(exclude={"description"})
    granted = {group: seccomp.groups[group].calls for group in table.seccomp.groups}
    text = json.dumps([_unordered([values, granted, seccomp.answers]), _ordered(egress)], sort_keys=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _unordered(value: Any) -> Any:
    """Lists of names in a policy are sets: of groups, calls, globs, packages, databases."""
    if isinstance(value, Mapping):
        return {key: _unordered(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return sorted({*value})
    return [_unordered(each) for each in value] if isinstance(value, list) else value


def _ordered(rules: Mapping[str, Any] | None) -> Any:
    """Of egress rules the first call that fits decides, so their order counts; their description does not."""
    if rules is None:
        return None
    rest = {key: value for key, value in rules.items() if key not in ("description", "calls")}
    return [_plain(rest), [[name, _plain(call)] for name, call in rules.get("calls", {}).items()]]


def _plain(value: Any) -> Any:
    """10 and 10.0 are the same number of seconds."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value

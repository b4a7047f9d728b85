"""Policies: what a program may use and touch, as data (`policies/NAME.toml`)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from sandbox.datafiles import Strict, check, folder, read_toml
from sandbox.errors import ConfigError, nearest
from sandbox.model.limits import Limits

_SECCOMP = "seccomp.toml"


class LimitsTable(Strict):
    """The [limits] table; every limit is given, none is zero."""

    cpu_time_ms: int = Field(ge=10)
    wall_time_ms: int = Field(ge=10)
    memory_bytes: int = Field(ge=16 << 20)
    processes: int = Field(ge=1)
    output_bytes: int = Field(ge=1)
    file_bytes: int = Field(ge=1)
    disk_bytes: int = Field(ge=1 << 20)
    open_files: int = Field(ge=16)
    stack_bytes: int = Field(ge=1 << 20)

    def limits(self) -> Limits:
        """As the plain value that plans carry."""
        return Limits(**self.model_dump())


class PackagesTable(Strict):
    """What programs find installed beyond their language's own library."""

    python: tuple[str, ...] = ()
    # Programs of the host that actions find on their PATH, where the host has them.
    tools: tuple[str, ...] = ()


class GrantsTable(Strict):
    """Groups of system calls that are granted, by name."""

    groups: tuple[str, ...]


class IntegrityTable(Strict):
    """What a policy allows of how tests and program meet."""

    # Whether suites may run in the program's own process, where it can forge their results.
    in_process: bool


class ActionsTable(Strict):
    """What an action may touch of the world outside its jail."""

    # Globs beneath the workspace; `deny` wins. A path that is not allowed is refused, with all of the action.
    allow: tuple[str, ...]
    deny: tuple[str, ...]
    bytes: int = Field(ge=1 << 20)
    inodes: int = Field(ge=16)
    rows: int = Field(ge=0)
    requests: int = Field(ge=0)
    # Name of a file of egress rules in `policies/egress/`; none: no way out.
    egress: str
    # Names of PostgreSQL databases of the server that actions may use, each in a clone of its own.
    postgres: tuple[str, ...]
    # How many irreversible effects a session may commit.
    irreversible: int = Field(ge=0)
    # Seconds that a held action waits for its commit before it is dropped.
    hold_s: int = Field(ge=1)
    # "all": every verdict of a scored program is a journal record, too.
    audit: Literal["actions", "all"]


class PolicyTable(Strict):
    """A whole policy file."""

    name: str
    description: str
    fresh: Literal["program", "test"]
    limits: LimitsTable
    build_limits: LimitsTable
    judge_limits: LimitsTable
    integrity: IntegrityTable
    actions: ActionsTable
    environment: dict[str, str]
    packages: PackagesTable
    seccomp: GrantsTable


class SeccompGroup(Strict):
    """A group of system calls, and why it is needed."""

    reason: str
    calls: tuple[str, ...]


class SeccompTable(Strict):
    """`policies/seccomp.toml`. `watched` are calls that are noticed where no group grants them."""

    groups: dict[str, SeccompGroup]
    answers: dict[str, str]
    watched: SeccompGroup | None = None


@dataclass(frozen=True)
class Policy:
    """A checked policy. `hash` covers its effective values and the system-call groups that it grants."""

    table: PolicyTable
    limits: Limits
    build_limits: Limits
    judge_limits: Limits
    seccomp: SeccompTable
    hash: str

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


def load_policies(path: Path | None = None) -> dict[str, Policy]:
    """Every policy of the folder (default: the shipped ones), by name. A wrong file is a ConfigError."""
    source = path or folder("policies")
    seccomp = _seccomp(source if (source / _SECCOMP).exists() else folder("policies"))
    policies = {}
    files = [file for file in source.glob("*.toml") if file.name != _SECCOMP]
    # What others extend comes first: a mistake is then told of the file that it stands in.
    for file in sorted(files, key=lambda each: ("extends" in read_toml(each), each)):
        policy = _load(file, seccomp)
        policies[policy.name] = policy
    return policies


def _load(file: Path, seccomp: SeccompTable) -> Policy:
    table = check(PolicyTable, _with_base(file), file)
    if table.name != file.stem:
        raise ConfigError(f"{file.name}: name is {table.name!r}", fix=f"call it {file.stem!r}, as the file")
    for group in table.seccomp.groups:
        if group not in seccomp.groups:
            raise ConfigError(f"{file.name}: unknown seccomp group {group!r}", fix=nearest(group, seccomp.groups))
    granted = {group: seccomp.groups[group].calls for group in table.seccomp.groups}
    text = json.dumps([table.model_dump(), granted, seccomp.answers], sort_keys=True)
    return Policy(
        table=table,
        limits=table.limits.limits(),
        build_limits=table.build_limits.limits(),
        judge_limits=table.judge_limits.limits(),
        seccomp=seccomp,
        hash="sha256:" + hashlib.sha256(text.encode()).hexdigest(),
    )


def _with_base(file: Path, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """The file's tables laid over those of the policy that it extends."""
    data = read_toml(file)
    base = data.pop("extends", None)
    if base is None:
        return data
    if base in seen or base == file.stem:
        raise ConfigError(f"{file.name}: extends goes in a circle: {' -> '.join((*seen, file.stem, base))}")
    merged = _with_base(file.with_name(f"{base}.toml"), (*seen, file.stem))
    for key, value in data.items():
        merged[key] = {**merged.get(key, {}), **value} if isinstance(value, dict) else value
    return merged


@lru_cache(maxsize=8)
def _seccomp(source: Path) -> SeccompTable:
    file = source / _SECCOMP
    return check(SeccompTable, read_toml(file), file)

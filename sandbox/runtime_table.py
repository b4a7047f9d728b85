"""The tables of a runtime file (`runtimes/NAME.toml`); what each key does stands in `runtimes/README.md`."""

from __future__ import annotations

import re
from dataclasses import replace

from pydantic import Field, field_validator, model_validator

from sandbox.datafiles import Strict
from sandbox.model.limits import Limits


class InterpreterTable(Strict):
    """A language whose candidates are forked from a warm interpreter."""

    command: str
    preload: tuple[str, ...] = ()


class InstalledTable(Strict):
    """How a runtime is found on a machine, how its version is proven, and what brings it there."""

    version: tuple[str, ...]
    # What of the command's output is the version: the first group, or all that matches.
    pattern: str = r"\d+(?:\.\d+)*"
    # Of Debian.
    packages: tuple[str, ...]

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from error
        return pattern


class KitTable(Strict):
    """Programs and folders of the host that a jail shows read-only.

    Folders may be globs, and so may tools that are no names but whole paths.
    """

    tools: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


class BuildTable(KitTable):
    """How a program is built, once. Placeholders: see `sandbox/commands.py`."""

    command: tuple[str, ...] = Field(min_length=1)
    header: str = ""
    # The file that tests find in their work folder; without it the output is executed itself.
    output: str = ""
    # The output is a folder, which becomes one zip file.
    packed: bool = False

    @model_validator(mode="after")
    def _packed_is_named(self) -> BuildTable:
        if self.packed and not self.output:
            raise ValueError("packed: a zip file cannot be executed, so output has to name it")
        return self


class RunTable(KitTable):
    """The command that runs a program, or what was built of it, in a process of its own for each test."""

    command: tuple[str, ...] = Field(min_length=1)
    # Ends with another code than 0 where the source does not compile; asked only after a run that failed.
    check: tuple[str, ...] = ()


class ExtraTable(Strict):
    """What the language itself takes, on top of the limits of policy and job."""

    cpu_time_ms: int = Field(default=0, ge=0, le=5_000)
    wall_time_ms: int = Field(default=0, ge=0, le=10_000)
    memory_bytes: int = Field(default=0, ge=0, le=1 << 30)
    processes: int = Field(default=0, ge=0, le=256)

    def added(self, limits: Limits) -> Limits:
        """`limits` with these on top; the same object where there are none."""
        given = {name: value for name, value in self.model_dump().items() if value}
        if not given:
            return limits
        return replace(limits, **{name: getattr(limits, name) + value for name, value in given.items()})


class SelfTest(Strict):
    """A program that a runtime must run rightly before it is offered."""

    source: str
    stdin: str
    stdout: str


class RuntimeTable(Strict):
    """A whole runtime file."""

    name: str
    language: str
    main: str
    # A pattern whose first group is the name that the main file must have, as with a public class of Java.
    named_after: str = ""
    kinds: tuple[str, ...]
    interpreter: InterpreterTable | None = None
    installed: InstalledTable | None = None
    build: BuildTable | None = None
    run: RunTable | None = None
    # Its own start looks into /proc/self/maps, so that the alarm `proc_walk` would tell nothing of a program.
    reads_maps: bool = False
    environment: dict[str, str] = Field(default_factory=dict)
    extra: ExtraTable = ExtraTable()
    # Groups of system calls beyond those of the policy, each with the reason.
    seccomp: dict[str, str] = Field(default_factory=dict)
    selftest: SelfTest

    @model_validator(mode="after")
    def _one_way(self) -> RuntimeTable:
        if (self.interpreter is None) == (self.build is None and self.run is None):
            raise ValueError("give either [interpreter] or [build] or [run], or a build and a run")
        if self.interpreter is None and self.installed is None:
            raise ValueError("[installed] is missing: how is it found?")
        if self.build is not None and (self.run is None) != (not self.build.output):
            raise ValueError("[run] needs build.output, and build.output needs [run]")
        for table in (self.build, self.run):
            if table is not None and table.command[0] not in {tool.rpartition("/")[2] for tool in table.tools}:
                raise ValueError(f"{table.command[0]!r} is a command, and not among its tools")
        for group, reason in self.seccomp.items():
            if not reason.strip():
                raise ValueError(f"seccomp.{group} has no reason")
        return self

    @property
    def plain(self) -> bool:
        """Whether what is built needs nothing of the language to run, so that all such runtimes share cells."""
        return self.interpreter is None and self.run is None and not (self.environment or self.seccomp or self.grows)

    @property
    def grows(self) -> bool:
        """Whether it takes more than the limits say."""
        return self.extra != ExtraTable()

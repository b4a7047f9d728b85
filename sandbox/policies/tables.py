"""The data model of policies: every key says what it means, what enforces it, what a program sees when it is reached.

`docs/policies.md` is written from here (`python -m sandbox.policies.page`), and `sandbox policies show` prints it.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from sandbox.datafiles import Strict
from sandbox.model.integrity import Integrity
from sandbox.model.isolation import Isolation
from sandbox.model.limits import Limits


def _key(means: str, *, by: str, reached: str, build: str = "", judge: str = "", **rules: Any) -> Any:
    """A key with its documentation. `build`, `judge`: what is seen there, of limits that they have, too."""
    extra: dict[str, Any] = {"by": by, "reached": reached, "build": build, "judge": judge}
    return Field(description=means, json_schema_extra=extra, **rules)


def _limit(means: str, *, least: int, by: str, reached: str, build: str, judge: str) -> Any:
    """A whole number of at least `least`: no text, no fraction and no truth value is taken for one."""
    return _key(means, by=by, reached=reached, build=build, judge=judge, ge=least, strict=True)


class LimitsTable(Strict):
    """What one run may use: `[limits]` a program, `[build_limits]` a build, `[judge_limits]` what judges."""

    cpu_time_ms: int = _limit(
        "CPU time of the whole process tree, user and system, in milliseconds",
        least=10,
        by="the cgroup's counter, read when it could first be reached; RLIMIT_CPU, half as much again, behind it",
        reached="SIGKILL to the whole tree; status TIME_LIMIT, signal 9",
        build='COMPILE_ERROR, "the compiler reached its cpu limit"',
        judge="TIME_LIMIT of the candidate: it made the judge work so long",
    )
    wall_time_ms: int = _limit(
        "time on the clock, in milliseconds; a backstop behind CPU time",
        least=10,
        by="the init's clock",
        reached="SIGKILL to the whole tree; status TIME_LIMIT, signal 9. A program that was ready for half of the time"
        " and had no CPU is run again, twice at most, and is then a fault (STARVED)",
        build='COMPILE_ERROR, "the compiler reached its wall limit"; a fault (BUILD) where it had no CPU',
        judge="TIME_LIMIT of the candidate; at least five seconds more than the candidate's are given",
    )
    memory_bytes: int = _limit(
        "memory of the whole tree that was written to: heap, stacks, page tables, and files in memory, in bytes",
        least=16 << 20,
        by="the cgroup (`memory.max`; v1: `memory.limit_in_bytes`), without swap; there is no RLIMIT_AS, so address"
        " space that is only reserved is free, and malloc and mmap do not fail",
        reached="SIGKILL by the kernel's OOM killer; status MEMORY_LIMIT, whatever of the tree survives",
        build='COMPILE_ERROR, "the compiler ran out of memory"',
        judge="MEMORY_LIMIT of the candidate",
    )
    processes: int = _limit(
        "processes and threads at one time, the program's first one among them",
        least=1,
        by="RLIMIT_NPROC of a user that only this cell has; `pids.max`, 16 above, behind it",
        reached="fork, vfork, clone and pthread_create fail with EAGAIN (Python: BlockingIOError, RuntimeError)",
        build="COMPILE_ERROR, with the compiler's own message (EAGAIN)",
        judge="EAGAIN; a checker that fails of it is a fault (JUDGE)",
    )
    output_bytes: int = _limit(
        "standard output, and standard error, each, in bytes",
        least=1,
        by="the sizes of the two streams, which are files in memory, looked at while it runs and when it has ended",
        reached="SIGKILL to the whole tree; status OUTPUT_LIMIT. Exactly as many bytes are no reason",
        build='COMPILE_ERROR, "the compiler reached its output limit"',
        judge="OUTPUT_LIMIT of the candidate",
    )
    file_bytes: int = _limit(
        "size of any one file, standard output and error among them, in bytes",
        least=1,
        by="RLIMIT_FSIZE, one byte above where `output_bytes` is not less, to tell output that is too long",
        reached="a write beyond is cut short; the next one raises SIGXFSZ (status RUNTIME_ERROR, signal 25), or fails"
        " with EFBIG where that is ignored, as Python does",
        build="COMPILE_ERROR, with the compiler's own message, or for want of a program of a size that is allowed",
        judge="OUTPUT_LIMIT of the candidate, where the signal ended it",
    )
    disk_bytes: int = _limit(
        "all files together, in the work folder, /tmp and /dev/shm, in bytes; they are memory, too",
        least=1 << 20,
        by="the size of the one tmpfs that can be written to, which holds 65,536 files at most",
        reached="writes, and new files beyond the number, fail with ENOSPC",
        build="COMPILE_ERROR, with the compiler's own message (ENOSPC)",
        judge="ENOSPC; a checker that fails of it is a fault (JUDGE)",
    )
    open_files: int = _limit(
        "open descriptors of a process, the three standard streams among them",
        least=16,
        by="RLIMIT_NOFILE",
        reached="open, socket, pipe and dup fail with EMFILE",
        build="COMPILE_ERROR, with the compiler's own message (EMFILE)",
        judge="EMFILE; a checker that fails of it is a fault (JUDGE)",
    )
    stack_bytes: int = _limit(
        "stack of the main thread, and of others that ask for no size, in bytes; never more than the memory",
        least=1 << 20,
        by="RLIMIT_STACK",
        reached="SIGSEGV at the next deeper call (status RUNTIME_ERROR, signal 11); execve with arguments of more than"
        " a quarter of it fails with E2BIG",
        build="COMPILE_ERROR, with the compiler's own message",
        judge="SIGSEGV; a checker that ends by it is a fault (JUDGE)",
    )

    def limits(self) -> Limits:
        """As the plain value that plans carry."""
        return Limits(**self.model_dump())


class PackagesTable(Strict):
    """Mounts: what programs find installed, read-only, beyond the base root and their language's own library."""

    python: tuple[str, ...] = _key(
        "Python packages of the server that are importable, and imported ahead",
        by="read-only binds of their folders into site-packages; everything else there is blank",
        reached="ModuleNotFoundError; a job under a policy whose package the server lacks is rejected",
        default=(),
    )
    tools: tuple[str, ...] = _key(
        "programs of the host that actions find on their PATH, where the host has them",
        by="copies in the root of action cells",
        reached="execvp fails with ENOENT",
        default=(),
    )


class GrantsTable(Strict):
    """System calls, by groups of `policies/seccomp.toml`, which says why each is needed."""

    groups: tuple[str, ...] = _key(
        "groups of system calls that are granted",
        by="a seccomp filter that each program is given before its first instruction",
        reached="the call fails with EPERM, or as [answers] of that file says (ENOSYS); a call of another ABI is SIGSYS"
        " (status SECURITY_VIOLATION)",
    )


class IsolationTable(Strict):
    """How far a program has to be from the machine."""

    minimum: Literal["NONE", "LANDLOCK", "NAMESPACES", "CONTAINER", "KERNEL"] = _key(
        "the weakest tier that jobs and actions under this policy run in, by the names of `IsolationTier`",
        by="compared with the tier of this server's jails before anything runs; `min_isolation` of a job may raise it",
        reached="the job is rejected (FAILED_PRECONDITION, field `policy`); it is never lowered",
        default="NAMESPACES",
    )

    @property
    def tier(self) -> Isolation:
        """The minimum as a value that can be compared."""
        return Isolation[self.minimum]


class IntegrityTable(Strict):
    """What a policy allows of how tests and program meet."""

    minimum: Literal["IN_PROCESS", "SPLIT", "ISOLATED"] = _key(
        "the weakest level that tests of jobs under this policy may have, by the names of `IntegrityLevel`",
        by="compared with the level of each test before anything runs; `min_integrity` of a job may raise it",
        reached="the job is rejected (FAILED_PRECONDITION, field `policy`); it is never lowered",
        default="IN_PROCESS",
    )
    in_process: bool = _key(
        "whether suites may run in the program's own process, where it can forge their results",
        by='looked at before anything runs; needs minimum = "IN_PROCESS", and the job\'s own `min_integrity`',
        reached="the job is rejected (FAILED_PRECONDITION, field `tests[N].suite.in_process`)",
    )

    @field_validator("in_process")
    @classmethod
    def _is_not_refused_by_the_minimum(cls, allowed: bool, info: ValidationInfo) -> bool:
        minimum = info.data.get("minimum", "IN_PROCESS")
        if allowed and minimum != "IN_PROCESS":
            raise ValueError(f'true allows what minimum = "{minimum}" refuses: minimum = "IN_PROCESS", or false')
        return allowed

    @property
    def level(self) -> Integrity:
        """The minimum as a value that can be compared."""
        return Integrity[self.minimum]


class ActionsTable(Strict):
    """Undo rules: what an action may touch of its workspace and of the world outside its jail."""

    allow: tuple[str, ...] = _key(
        "globs beneath the workspace, of paths that may change; `**` crosses slashes",
        by="the effects of the action, looked at before any can leave its branch",
        reached="nothing while it runs; status DENIED with the rule and the path, and all of the action is dropped",
    )
    deny: tuple[str, ...] = _key(
        "globs of paths that may not change, with all that is below them; they win over `allow`",
        by="the same look",
        reached="nothing while it runs; status DENIED with the rule and the path, and all of the action is dropped",
    )
    bytes: int = _key(
        "new content of files in one action, in bytes",
        by="the size of the branch's file system, and the same look",
        reached="writes fail with ENOSPC where the branch has a file system of its own; beyond it otherwise, DENIED",
        ge=1 << 20,
    )
    inodes: int = _key(
        "files and folders that one action makes or changes",
        by="the size of the branch's file system, and the same look",
        reached="new files fail with ENOSPC where the branch has a file system of its own; beyond it otherwise, DENIED",
        ge=16,
    )
    rows: int = _key(
        "rows of databases that one action changes",
        by="the rows that changed, counted before any can leave its branch",
        reached="nothing while it runs; the action fails (FAILED_PRECONDITION with the number), or is DENIED with both"
        " numbers where it is a sum over databases; nothing of it is held",
        ge=0,
    )
    requests: int = _key(
        "calls over HTTP of one action",
        by="the calls that were recorded; `[limits] requests` of the egress rules refuses them one by one",
        reached="DENIED with both numbers, and what was called is taken back",
        ge=0,
    )
    egress: str = _key(
        "name of a file of rules in `policies/egress/`; empty: no way out",
        by="a proxy of the server's, the only thing that a socket of the jail reaches (127.0.0.1:3128)",
        reached="without rules: socket(2) fails with EAFNOSUPPORT but for AF_UNIX; a call that no rule names: 403 with"
        " the rule that is missing",
    )
    postgres: tuple[str, ...] = _key(
        "PostgreSQL databases of the server, by name, that actions may use, each in a clone of its own",
        by="the names that the server was started with; the jail reaches its clone and nothing else",
        reached="a request for another name is taken for that of an SQLite file",
    )
    irreversible: int = _key(
        "effects that cannot be taken back which a session may commit",
        by="counted at commit, over the session",
        reached="the commit is refused, with both numbers; the action stays held",
        ge=0,
    )
    hold_s: int = _key(
        "seconds that an action waits for its commit",
        by="the server's clock",
        reached="the action is dropped (status DISCARDED), and a commit is refused",
        ge=1,
    )
    audit: Literal["actions", "all"] = _key(
        '"all": every verdict of a scored program is a record of the journal, too',
        by="the server, after each verdict",
        reached="nothing that a program sees",
    )


class PolicyTable(Strict):
    """A whole policy: what its file says, and what it says of the rest by `extends`."""

    name: str = Field(description="as jobs ask for it; the file's name without .toml")
    description: str = Field(description="one line for people; no part of the hash")
    fresh: Literal["program", "test"] = _key(
        '"program": namespaces are fresh for every program, and swept between its tests; "test": fresh for every test',
        by="namespaces that are thrown away",
        reached='with "test", process and inode numbers tell nothing of earlier tests',
    )
    limits: LimitsTable
    build_limits: LimitsTable
    judge_limits: LimitsTable
    isolation: IsolationTable = IsolationTable()
    integrity: IntegrityTable
    actions: ActionsTable
    environment: dict[str, str] = _key(
        "variables that programs start with, and no others but those of Python's own start",
        by="the environment of the cell; an action's request may add to it",
        reached="a variable that is not named is not there",
    )
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

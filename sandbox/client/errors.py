"""What the client raises, and what it never raises.

    SandboxError
    ├── Unreachable    no server has answered yet: a wrong address, or nobody has started one
    ├── Closed         the client was closed while a call waited for its answer
    ├── ServerFault    the server failed at a call about actions
    └── JobError
        └── Rejected   the job is bad; the server said so, or the client saw it before it was sent

A program that fails its tests is a verdict. A failure of the servers is a fault: an answer without a reward, which
`score` and `rewards` give as None. Neither is raised, so one bad hour of a machine does not end a training run. Once
a server has answered, servers that go away are faults, too; before that, `Unreachable` tells of the wrong address.
"""

from __future__ import annotations

from sandbox.errors import JobError, SandboxError, nearest


class Unreachable(SandboxError):
    """None of the addresses answers."""

    code = "unreachable"

    def __init__(self, addresses: tuple[str, ...], why: str) -> None:
        super().__init__(
            f"no server answers at {', '.join(addresses)}",
            why=why,
            fix="start one with `sandbox serve`, or correct the address",
        )
        self.addresses = addresses

    def __str__(self) -> str:
        return f"{self.subject}: {self.why} ({self.fix})"

    def __reduce__(self) -> tuple[object, ...]:
        return Unreachable, (self.addresses, self.why)


class Closed(SandboxError):
    """Somebody closed the client."""

    code = "closed"

    def __init__(self) -> None:
        super().__init__("the client was closed while this call waited", fix="close it when nobody uses it any more")

    def __reduce__(self) -> tuple[object, ...]:
        return Closed, ()


class ServerFault(SandboxError):
    """The server failed at a call that is not a job; `kind` is a name of the wire's FaultKind."""

    code = "fault"

    def __init__(self, kind: str, message: str) -> None:
        super().__init__("the server failed", why=f"{kind}: {message}", fix="look at its log, and at `sandbox doctor`")
        self.kind, self.message = kind, message

    def __str__(self) -> str:
        return f"{self.subject}: {self.why}"

    def __reduce__(self) -> tuple[object, ...]:
        return ServerFault, (self.kind, self.message)


class Rejected(JobError):
    """A job that cannot be run as it was sent. `code` is a name of the wire's RejectCode, `job` says which one."""

    def __init__(
        self,
        field: str,
        message: str,
        suggestion: str = "",
        *,
        code: str = "INVALID_ARGUMENT",
        retry_after_ms: int = 0,
        job: str = "",
    ) -> None:
        super().__init__(field, message, suggestion, reject=code, retry_after_ms=retry_after_ms)
        self.code = code
        self.job = job

    def __str__(self) -> str:
        text = f"{self.job}: {self.subject}" if self.job else self.subject
        return f"{text} ({self.suggestion})" if self.suggestion else text

    def __reduce__(self) -> tuple[object, ...]:
        return _rejected, (self.field, self.message, self.suggestion, self.code, self.retry_after_ms, self.job)


def _rejected(field: str, message: str, suggestion: str, code: str, retry_after_ms: int, job: str) -> Rejected:
    return Rejected(field, message, suggestion, code=code, retry_after_ms=retry_after_ms, job=job)


def known(field: str, name: str, names: list[str]) -> str:
    """`name`, when it is one of `names`. Raises Rejected with the nearest otherwise."""
    if name not in names:
        raise Rejected(field, f"{name!r} is not known", nearest(name, names))
    return name

"""What this server offers: runtimes that are there and policies, by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.errors import JobError, nearest
from sandbox.jail.cgroup import find_hierarchy
from sandbox.model.isolation import Isolation
from sandbox.policies import Policy, load_policies
from sandbox.runtimes import Missing, Runtime, load_runtimes


@dataclass
class Catalog:
    """Looked up for every request; filled once, while the server starts."""

    runtimes: dict[str, Runtime | Missing] = field(default_factory=load_runtimes)
    policies: dict[str, Policy] = field(default_factory=load_policies)
    cgroup: str = field(default_factory=lambda: find_hierarchy().kind)
    # The tier of the jails here.
    isolation: Isolation = Isolation.NAMESPACES

    def runtime(self, name: str, field: str = "program.language") -> Runtime:
        """The runtime of that name, as `field` says it. JobError where it is unknown, or missing on this machine."""
        if not name:
            raise JobError(field, "is empty", nearest("python", self.offered()))
        found = self.runtimes.get(name)
        if found is None:
            raise JobError(field, f"no runtime is called {name!r}", nearest(name, self.offered()))
        if isinstance(found, Missing):
            raise JobError(field, f"{name} is not offered here: {found.why}", found.fix, reject="FAILED_PRECONDITION")
        return found

    def policy(self, name: str) -> Policy:
        """The policy of that name; an empty one is "default"."""
        found = self.policies.get(name or "default")
        if found is None:
            raise JobError("policy", f"no policy is called {name!r}", nearest(name, self.policies))
        return found

    def withdraw(self, name: str, why: str, fix: str = "") -> None:
        """Takes back a runtime that failed its self-test."""
        self.runtimes[name] = Missing(self.runtimes[name].table, why, fix)

    def offered(self) -> list[str]:
        """Names of the runtimes that requests may ask for."""
        return [name for name, runtime in self.runtimes.items() if isinstance(runtime, Runtime)]

"""What this server offers: runtimes that are there and policies, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.errors import ConfigError, JobError, SetupError, nearest
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

    def __post_init__(self) -> None:
        """Raises ConfigError for a runtime that asks for a group of system calls that no policy knows."""
        known = {group for policy in self.policies.values() for group in policy.seccomp.groups}
        for name, runtime in self.runtimes.items():
            for group in runtime.table.seccomp:
                if group not in known:
                    raise ConfigError(f"{name}.toml: unknown seccomp group {group!r}", fix=nearest(group, known))

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

    def narrow(self, names: Sequence[str]) -> None:
        """Offers no runtimes but these. Raises SetupError for a name that there is none of."""
        for name in names:
            if name not in self.runtimes:
                raise SetupError(f"no runtime is called {name!r}", fix=nearest(name, self.runtimes))
        for name, found in self.runtimes.items():
            if name not in names and isinstance(found, Runtime):
                fix = f"sandbox serve --language {name}"
                self.runtimes[name] = Missing(found.table, "this server was told to offer others", fix)

    def withdraw(self, name: str, why: str, fix: str = "") -> None:
        """Takes back a runtime that failed its self-test."""
        self.runtimes[name] = Missing(self.runtimes[name].table, why, fix, broken=True)

    def offered(self) -> list[str]:
        """Names of the runtimes that requests may ask for."""
        return [name for name, runtime in self.runtimes.items() if isinstance(runtime, Runtime)]

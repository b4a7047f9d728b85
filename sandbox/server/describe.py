"""What a server says of itself."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from sandbox.catalog import Catalog
from sandbox.judge.comparators import text_comparator_names
from sandbox.judge.values.compare import value_comparator_names
from sandbox.reward import scheme_names
from sandbox.runtimes import Missing
from sandbox.settings import Settings
from sandbox.v1 import job_pb2, reward_pb2


def package_version() -> str:
    """The version of this package."""
    try:
        return version("reward-sandbox")
    except PackageNotFoundError:
        return "0"


def describe(catalog: Catalog, settings: Settings) -> reward_pb2.DescribeResponse:
    """Runtimes, policies, schemes, comparators, isolation, limits."""
    answer = reward_pb2.DescribeResponse(version=package_version())
    for name, runtime in catalog.runtimes.items():
        info = answer.runtimes.add(name=name, language=runtime.table.language, kinds=runtime.table.kinds)
        if isinstance(runtime, Missing):
            info.why = f"{runtime.why} ({runtime.fix})"
        else:
            info.available, info.version = True, runtime.version
    for policy in catalog.policies.values():
        limits = job_pb2.Limits(**asdict(policy.limits))
        answer.policies.add(name=policy.name, description=policy.table.description, limits=limits, hash=policy.hash)
    for target, names in (
        (answer.schemes, scheme_names()),
        (answer.comparators, text_comparator_names()),
        (answer.value_comparators, value_comparator_names()),
    ):
        for name, description in names.items():
            target.add(name=name, description=description)
    answer.isolation.tier = getattr(job_pb2, catalog.isolation.name)
    answer.isolation.backend = "nsjail"
    answer.isolation.seccomp = True
    answer.isolation.cgroup = catalog.cgroup
    answer.limits.cells = settings.cells
    answer.limits.queue = settings.queue
    answer.limits.max_message_bytes = settings.max_message_bytes
    answer.limits.suite_store_bytes = settings.suite_store_bytes
    answer.limits.build_cache_bytes = settings.build_cache_bytes
    answer.limits.matrix_cells = settings.matrix_cells
    return answer

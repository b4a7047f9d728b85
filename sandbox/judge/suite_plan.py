"""From a `suite` test of a job to its check: whose file is whose, which modules stand in for the program's. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from sandbox.errors import JobError, nearest
from sandbox.judge.session import outliving
from sandbox.judge.suite import InProcessCheck, SuiteCheck
from sandbox.model.limits import Limits
from sandbox.model.plan import File, TestPlan
from sandbox.policies import Policy
from sandbox.v1 import job_pb2

RUNNERS = ("pytest", "unittest")
MAX_NAMES = 10_000
# What changes how tests are run. A program's own is never used.
_CONFIGURATION = frozenset(
    {
        "conftest.py",
        "pytest.ini",
        ".pytest.ini",
        "pyproject.toml",
        "setup.cfg",
        "tox.ini",
        "sitecustomize.py",
        "usercustomize.py",
    }
)
_COMPILED = frozenset({".pyc", ".pyo", ".pth", ".so"})
_FRAMEWORKS = frozenset(
    {"pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments", "unittest", "_cell"}
)


def plan_suite(
    spec: job_pb2.SuiteTest,
    program: Sequence[File],
    tests: Sequence[File],
    policy: Policy,
    limits: Limits,
    seed: int | None,
    field: str,
) -> SuiteCheck:
    """The check of a suite. `program` and `tests` are the files of each, their paths checked. Raises JobError."""
    runner = spec.runner or RUNNERS[0]
    if runner not in RUNNERS:
        raise JobError(f"{field}.runner", f"no runner is called {runner!r}", nearest(runner, RUNNERS))
    if not tests:
        raise JobError(f"{field}.files", "is empty, so there is no test", "give the files of the tests")
    names = _names(spec.names, f"{field}.names")
    # A package that is in both trees is the program's, unless the tests bring its __init__.py.
    modules = sorted(with_packages(modules_of(program)) - modules_of(tests))
    plan = TestPlan("serve", limits, extra=json.dumps({"modules": modules}).encode(), seed=seed)
    check = SuiteCheck(
        plan=plan,
        limits=limits,
        files=tuple(tests),
        modules=tuple(modules),
        runner=runner,
        names=names,
        per_case=spec.per_case,
        fresh_process=spec.fresh_process,
        judge_limits=outliving(policy.judge_limits, limits),
    )
    if not spec.in_process:
        return check
    if not policy.table.integrity.in_process:
        raise JobError(
            f"{field}.in_process",
            f"the policy {policy.name!r} does not allow a program to share its process with its tests",
            'false, or a policy with [integrity] in_process = true, as "weak"',
            reject="FAILED_PRECONDITION",
        )
    if spec.fresh_process:
        raise JobError(f"{field}.fresh_process", "is for suites with processes of their own", "leave it out")
    return InProcessCheck.of(check, merge(program, tests))


def modules_of(files: Iterable[File]) -> frozenset[str]:
    """The names under which a tree's Python files can be imported."""
    names: set[str] = set()
    for file in files:
        path = PurePosixPath(file.path)
        if path.suffix != ".py":
            continue
        parts = path.parts[:-1] if path.stem == "__init__" else (*path.parts[:-1], path.stem)
        if all(part.isidentifier() for part in parts):
            names.add(".".join(parts))
    return frozenset(names - {""})


def with_packages(modules: Iterable[str]) -> frozenset[str]:
    """Modules, and the packages that they are in."""
    parts = (name.split(".") for name in modules)
    return frozenset(".".join(each[:end]) for each in parts for end in range(1, len(each) + 1))


def merge(program: Sequence[File], tests: Sequence[File]) -> tuple[File, ...]:
    """One tree: the tests' files win, and nothing of the program's tells the runner what to do."""
    theirs = {file.path for file in tests}
    folders = {str(parent) for path in theirs for parent in PurePosixPath(path).parents}
    kept = [
        file for file in program if file.path not in theirs | folders and not _is_reserved(PurePosixPath(file.path))
    ]
    return (*kept, *tests)


def _is_reserved(path: PurePosixPath) -> bool:
    first = path.parts[0].removesuffix(".py")
    return (
        path.name in _CONFIGURATION or path.suffix in _COMPILED or first in _FRAMEWORKS or "__pycache__" in path.parts
    )


def _names(names: Sequence[str], field: str) -> tuple[str, ...]:
    if len(names) > MAX_NAMES:
        raise JobError(field, f"{len(names)} names, at most {MAX_NAMES} are taken", "split the suite")
    for number, name in enumerate(names):
        if not name or len(name) > 2000:
            raise JobError(f"{field}[{number}]", "is no name of a test", 'write it like "test_shop.py::test_empty"')
    if len(set(names)) < len(names):
        raise JobError(field, "holds a name twice", "name each test once")
    return tuple(names)

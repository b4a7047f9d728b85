"""Pure: (runtime, policy, request) to plans. What a jail will do stands here, and can be printed without doing it."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from sandbox.errors import JobError
from sandbox.model.limits import LIMIT_NAMES, Limits
from sandbox.model.plan import Bind, Blank, CellPlan, Copy, Device, Entry, Folder, Link, Mode, Text, Watched
from sandbox.policies import Policy, SeccompGroup
from sandbox.runtimes import Kit, PythonHome, Runtime
from sandbox.seccomp.filter import build_filter, build_watched
from sandbox.v1 import job_pb2

HEADERS = "/opt/headers"
OUTPUT = "/box/tmp/program"
# pytest, and what it needs.
TEST_PACKAGES = ("pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments")
_PREFIX = "/usr/local"
_TOOLS = ("sh", "cat", "cp", "echo", "env", "false", "head", "ls", "mkdir", "mv", "rm", "seq", "sleep", "sort", "tail",
          "touch", "true", "wc")  # fmt: skip
# Above this a tool is bound: copies are in the memory of the machine.
_LARGE_TOOL = 16 << 20
_PASSWD = "root:x:0:0:root:/:/bin/sh\nsandbox:x:1000:1000:sandbox:/tmp:/bin/sh\n"
_GROUP = "root:x:0:\nsandbox:x:1000:\n"
# Fixed for programs whose results depend on set order; everything else that is random is seeded anew in every child.
_PYTHON_ENVIRONMENT = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1"}


def plan_cell(runtime: Runtime, policy: Policy, main: str = "") -> CellPlan:
    """The cell in which programs of `runtime` run under `policy`."""
    table = runtime.table
    packages = policy.table.packages.python if table.interpreter else ()
    return CellPlan(
        name=f"{runtime.name}/{policy.name}",
        root=(*_base_root(), *_python_root(runtime.python, packages), *_kit_root(runtime.running)),
        boot_mount=_site(runtime.python),
        interpreter=f"{_PREFIX}/bin/{runtime.python.tag}",
        main=main or (table.main if table.interpreter else "main.py"),
        preload=table.interpreter.preload if table.interpreter else (),
        packages=packages,
        modes=("serve",) if table.interpreter else (),
        environment=_environment(policy, table.environment),
        seccomp=_seccomp(policy, table.seccomp)[0],
        watched=_seccomp(policy, table.seccomp)[1],
        limits=table.extra.added(policy.limits),
        fresh=policy.table.fresh,
    )


def plan_judge_cell(runtime: Runtime, policy: Policy, main: str = "") -> CellPlan:
    """The cell in which a checker or an interactor of `runtime` runs for a job under `policy`."""
    cell = plan_cell(runtime, policy, main)
    modes: tuple[Mode, ...] = ("check",) if runtime.table.interpreter else ()
    return replace(
        cell,
        name=f"{cell.name}/judge",
        modes=modes,
        watched=None,
        fresh="program",
        limits=runtime.table.extra.added(policy.judge_limits),
    )


def plan_tester_cell(runtime: Runtime, policy: Policy, frameworks: bool) -> CellPlan:
    """The cell in which Python test code runs, with the test frameworks or without."""
    cell = plan_judge_cell(runtime, policy)
    if frameworks:
        return _with_frameworks(cell, runtime)
    return replace(cell, name=f"{runtime.name}/tester", modes=("split",))


def plan_in_process_cell(runtime: Runtime, policy: Policy) -> CellPlan:
    """The cell in which a program runs in the same process as the tests that judge it."""
    return _with_frameworks(plan_cell(runtime, policy), runtime)


def _with_frameworks(cell: CellPlan, runtime: Runtime) -> CellPlan:
    # Versions of pytest differ in what they need beside pytest itself.
    packages = tuple(each for each in TEST_PACKAGES if each not in cell.packages and find_spec(each))
    root = (*cell.root, *_packages_root(runtime.python, packages))
    # A framework that any package on the path could hook into would be the program's to hook into.
    environment = (*cell.environment, ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1"))
    # Warm: pytest takes longer to import than most suites take to run.
    return replace(
        cell,
        name=f"{cell.name}+pytest",
        root=root,
        environment=environment,
        packages=(*cell.packages, "pytest"),
        modes=("suite",),
    )


def plan_build_cell(runtime: Runtime, policy: Policy, headers: str = "") -> CellPlan:
    """The cell in which programs of a built language are compiled. `headers`: a host folder of precompiled ones."""
    build = runtime.table.build
    assert build is not None
    root: list[Entry] = [*_base_root(), *_python_root(runtime.python, ())]
    root += _kit_root(runtime.building)
    root += [Bind(headers, HEADERS)] if headers else [Folder(HEADERS)]
    return CellPlan(
        name=f"{runtime.name}/build",
        root=tuple(root),
        boot_mount=_site(runtime.python),
        interpreter=f"{_PREFIX}/bin/{runtime.python.tag}",
        main="main.py",
        preload=(),
        packages=(),
        modes=(),
        environment=_environment(policy, runtime.table.environment),
        seccomp=_seccomp(policy, runtime.table.seccomp)[0],
        watched=None,
        limits=runtime.table.extra.added(policy.build_limits),
        fresh="program",
    )


def tighten(limits: Limits, wanted: job_pb2.Limits, field: str) -> Limits:
    """`limits` with what `wanted` asks for. Looser than `limits` is a JobError that names both numbers."""
    changes = {}
    for name in LIMIT_NAMES:
        value = getattr(wanted, name)
        if value == 0:
            continue
        allowed = getattr(limits, name)
        if value > allowed:
            raise JobError(
                f"{field}.{name}",
                f"{value} is looser than the policy's {allowed}",
                "limits may only tighten the policy: lower it, or choose another policy",
            )
        changes[name] = value
    return replace(limits, **changes) if changes else limits


def _environment(policy: Policy, own: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({**_PYTHON_ENVIRONMENT, **policy.table.environment, **own}.items()))


_filters: dict[tuple[str, SeccompGroup | None, tuple[str, ...]], tuple[bytes, Watched | None]] = {}


def _seccomp(policy: Policy, own: Iterable[str]) -> tuple[bytes, Watched | None]:
    """The filters for the groups of the policy and of the runtime."""
    groups = tuple(dict.fromkeys((*policy.table.seccomp.groups, *own)))
    key = policy.hash, policy.seccomp.watched, groups
    if key not in _filters:
        _filters[key] = build_filter(policy.seccomp, groups), build_watched(policy.seccomp, groups)
    return _filters[key]


def _site(python: PythonHome) -> str:
    return f"{_PREFIX}/lib/{python.tag}/site-packages"


@lru_cache(maxsize=1)
def _base_root() -> tuple[Entry, ...]:
    """What every cell has: devices, names, the C library, a shell with a few tools, a place for the box."""
    machine = f"{platform.machine()}-linux-gnu"
    entries: list[Entry] = [Device(name) for name in ("null", "zero", "full", "random", "urandom")]
    entries += [Folder(path) for path in ("/proc", "/box/work", "/box/tmp", "/box/shm", "/etc", "/usr/bin")]
    entries += [
        Link("/bin", "usr/bin"),
        Link("/lib", "usr/lib"),
        Link("/lib64", "usr/lib64"),
        Link("/tmp", "box/tmp"),
        Link("/dev/shm", "/box/shm"),
        Link("/dev/fd", "/proc/self/fd"),
        Link("/dev/stdin", "/proc/self/fd/0"),
        Link("/dev/stdout", "/proc/self/fd/1"),
        Link("/dev/stderr", "/proc/self/fd/2"),
        Text("/etc/passwd", _PASSWD),
        Text("/etc/group", _GROUP),
        Text("/etc/hosts", "127.0.0.1 localhost\n"),
        Text("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
        Text("/etc/ld.so.conf", f"{_PREFIX}/lib\n/usr/lib/{machine}\n/usr/lib64\n"),
    ]
    for folder in (f"/usr/lib/{machine}", "/usr/lib64", f"/lib/{machine}"):
        if Path(folder).is_dir() and not Path(folder).is_symlink():
            entries.append(Bind(folder, folder if folder.startswith("/usr") else f"/usr{folder}"))
            break
    loader = Path("/lib64/ld-linux-x86-64.so.2") if machine.startswith("x86") else Path("/lib/ld-linux-aarch64.so.1")
    entries.append(Copy(str(loader.resolve()), f"/usr{loader}"))
    for tool in _TOOLS:
        path = Path("/bin", tool)
        if path.exists():
            entries.append(Copy(str(path.resolve()), f"/usr/bin/{tool}"))
    return tuple(entries)


def _python_root(python: PythonHome, packages: Sequence[str]) -> tuple[Entry, ...]:
    """An interpreter under /usr/local, its library, and the packages that the policy grants and nothing else."""
    site = _site(python)
    entries: list[Entry] = [
        Copy(python.binary, f"{_PREFIX}/bin/{python.tag}"),
        Link(f"{_PREFIX}/bin/python3", python.tag),
        Link(f"{_PREFIX}/bin/python", python.tag),
        Bind(python.library, f"{_PREFIX}/lib/{python.tag}"),
        Blank(site),
    ]
    if python.shared:
        entries.append(Copy(python.shared, f"{_PREFIX}/lib/{Path(python.shared).name}"))
    return (*entries, *_packages_root(python, packages))


def _kit_root(kit: Kit) -> tuple[Entry, ...]:
    """A language's tools under /usr/bin, and its folders where they are on the host."""
    entries: list[Entry] = []
    for name, path in kit.tools:
        target = f"/usr/bin/{name}"
        if name in _TOOLS:
            continue
        if any(path.startswith(f"{folder}/") for folder in kit.folders):
            # It finds its library beside itself.
            entries.append(Link(target, path))
        elif Path(path).stat().st_size > _LARGE_TOOL:
            entries.append(Bind(path, target))
        else:
            entries.append(Copy(path, target))
    return (*entries, *(Bind(path, path) for path in kit.folders))


def _packages_root(python: PythonHome, packages: Sequence[str]) -> tuple[Entry, ...]:
    site = _site(python)
    return tuple(Bind(path, f"{site}/{Path(path).name}") for package in packages for path in _installed(package))


@lru_cache(maxsize=32)
def _installed(package: str) -> tuple[str, ...]:
    """Folders of an installed package and of the libraries that come beside it."""
    spec = find_spec(package)
    if spec is not None and spec.origin and not spec.submodule_search_locations:
        return (spec.origin,)
    if spec is None or not spec.submodule_search_locations:
        raise JobError(
            "policy",
            f"it grants the package {package!r}, which is not installed on the server",
            f"pip install {package}",
        )
    home = Path(next(iter(spec.submodule_search_locations)))
    beside = home.with_name(f"{package}.libs")
    return (str(home), str(beside)) if beside.is_dir() else (str(home),)

"""Runtimes: languages as data (`runtimes/NAME.toml`), and where they are on this machine."""

from __future__ import annotations

import glob
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sandbox.datafiles import check, folder, read_toml
from sandbox.errors import ConfigError, SetupError
from sandbox.runtime_table import InstalledTable, KitTable, RuntimeTable

_PATH = "/usr/bin:/usr/local/bin:/bin"
_VERSION_S = 30


@dataclass(frozen=True)
class PythonHome:
    """Where an interpreter and its library are on the host."""

    binary: str
    library: str
    shared: str
    tag: str
    version: str


@dataclass(frozen=True)
class Kit:
    """What a jail shows of the host for a language: programs by name, and folders."""

    tools: tuple[tuple[str, str], ...] = ()
    folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Runtime:
    """A checked runtime that was found on this machine. `python` runs the init, for other languages too."""

    table: RuntimeTable
    python: PythonHome
    building: Kit = Kit()
    running: Kit = Kit()

    @property
    def name(self) -> str:
        """The name under which requests ask for it."""
        return self.table.name

    @property
    def version(self) -> str:
        """What it says of itself; asked once, when somebody wants to know. Raises SetupError where it says nothing."""
        if self.table.installed is None:
            return self.python.version
        places = dict((*self.building.tools, *self.running.tools))
        first = places.get(self.table.installed.version[0], "")
        return _version(self.table.installed, first)


@dataclass(frozen=True)
class Missing:
    """A runtime that this machine lacks, and why. `broken`: it is installed, and does not work."""

    table: RuntimeTable
    why: str
    fix: str
    broken: bool = False


def load_runtimes(path: Path | None = None) -> dict[str, Runtime | Missing]:
    """Every runtime of the folder (default: the shipped ones), by name. A wrong file is a ConfigError."""
    runtimes: dict[str, Runtime | Missing] = {}
    for file in sorted((path or folder("runtimes")).glob("*.toml")):
        table = check(RuntimeTable, read_toml(file), file)
        if table.name != file.stem:
            raise ConfigError(f"{file.name}: name is {table.name!r}", fix=f"call it {file.stem!r}, as the file")
        try:
            runtimes[table.name] = _find(table)
        except SetupError as error:
            runtimes[table.name] = Missing(table, error.subject, error.fix)
    return runtimes


def install_command(table: RuntimeTable) -> tuple[str, ...]:
    """What installs the runtime's packages on Debian; empty where nothing does."""
    if table.installed is None:
        return ()
    return ("apt-get", "install", "-y", "--no-install-recommends", *table.installed.packages)


def _find(table: RuntimeTable) -> Runtime:
    if table.interpreter is not None:
        return Runtime(table, find_python(table.interpreter.command))
    assert table.installed is not None
    fix = f"apt-get install {' '.join(table.installed.packages)}"
    building = _kit(table.build, fix) if table.build is not None else Kit()
    running = _kit(table.run, fix) if table.run is not None else Kit()
    return Runtime(table, find_python("@server"), building, running)


def _kit(table: KitTable, fix: str) -> Kit:
    """Where the table's tools and folders are. Raises SetupError for the first that is missing."""
    tools = []
    for tool in table.tools:
        found = _newest(tool) if "/" in tool else shutil.which(tool, path=_PATH)
        if found is None:
            raise SetupError(f"{tool} is not installed", fix=fix)
        tools.append((Path(tool).name, str(Path(found).resolve())))
    folders: list[str] = []
    for pattern in table.folders:
        places = sorted(glob.glob(pattern))  # noqa: PTH207 - absolute patterns, which pathlib refuses
        if not places:
            raise SetupError(f"{pattern} is not there", fix=fix)
        folders += places
    return Kit(tuple(tools), tuple(dict.fromkeys(folders)))


def _newest(pattern: str) -> str | None:
    """The last of the files that the pattern names: of several versions, the newest."""
    return max(glob.glob(pattern), default=None)  # noqa: PTH207 - absolute patterns, which pathlib refuses


@lru_cache(maxsize=256)
def _version(installed: InstalledTable, program: str) -> str:
    name, *arguments = installed.version
    command = [program or shutil.which(name, path=_PATH) or name, *arguments]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=_VERSION_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SetupError(f"{name} does not say its version", why=str(error)) from error
    found = re.search(installed.pattern, ended.stdout + ended.stderr)
    if found is None or ended.returncode != 0:
        said = (ended.stderr or ended.stdout).strip()[-300:]
        raise SetupError(f"{' '.join(installed.version)} says no version", why=said)
    return found[1] if found.re.groups else found[0]


_PROBE = """
import json, os, platform, sys, sysconfig
base = {"installed_base": sys.base_prefix, "base": sys.base_prefix, "platbase": sys.base_prefix}
library = sysconfig.get_path("stdlib", vars=base)
shared = os.path.join(sysconfig.get_config_var("LIBDIR") or "", sysconfig.get_config_var("INSTSONAME") or "")
binary = os.path.realpath(getattr(sys, "_base_executable", sys.executable) or sys.executable)
print(json.dumps({"binary": binary, "library": library, "shared": shared if ".so" in shared else "",
                  "tag": "python%d.%d" % sys.version_info[:2], "version": platform.python_version()}))
"""


@lru_cache(maxsize=16)
def find_python(command: str) -> PythonHome:
    """Asks an interpreter where it lives. "@server" is the one that runs this."""
    program = sys.executable if command == "@server" else shutil.which(command)
    if program is None:
        raise SetupError(f"{command} is not installed", fix=f"install {command}, or name another in the runtime file")
    answer = subprocess.run([program, "-I", "-c", _PROBE], capture_output=True, text=True, timeout=30, check=False)
    if answer.returncode != 0:
        raise SetupError(f"{command} does not start", why=answer.stderr.strip()[-500:])
    return PythonHome(**json.loads(answer.stdout))

"""Runtimes: languages as data (`runtimes/NAME.toml`), and where they are on this machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pydantic import model_validator

from sandbox.datafiles import Strict, check, folder, read_toml
from sandbox.errors import ConfigError, SetupError


class InterpreterTable(Strict):
    """A language whose candidates are forked from a warm interpreter."""

    command: str
    preload: tuple[str, ...] = ()


class BuildTable(Strict):
    """A language whose programs are built once and then executed. `{main}` and `{output}` are filled in."""

    command: tuple[str, ...]
    version: tuple[str, ...]
    tools: tuple[str, ...]
    folders: tuple[str, ...]
    header: str = ""
    install: str


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
    kinds: tuple[str, ...]
    interpreter: InterpreterTable | None = None
    build: BuildTable | None = None
    selftest: SelfTest

    @model_validator(mode="after")
    def _one_way(self) -> RuntimeTable:
        if (self.interpreter is None) == (self.build is None):
            raise ValueError("give either [interpreter] or [build]")
        return self


@dataclass(frozen=True)
class PythonHome:
    """Where an interpreter and its library are on the host."""

    binary: str
    library: str
    shared: str
    tag: str
    version: str


@dataclass(frozen=True)
class Runtime:
    """A checked runtime that was found on this machine. `python` runs the init, for built languages too."""

    table: RuntimeTable
    python: PythonHome
    version: str
    tools: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The name under which requests ask for it."""
        return self.table.name


@dataclass(frozen=True)
class Missing:
    """A runtime that this machine lacks, and why."""

    table: RuntimeTable
    why: str
    fix: str


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


def _find(table: RuntimeTable) -> Runtime:
    if table.interpreter is not None:
        python = find_python(table.interpreter.command)
        return Runtime(table, python, python.version)
    assert table.build is not None
    tools = []
    for tool in table.build.tools:
        found = shutil.which(tool, path="/usr/bin:/usr/local/bin:/bin")
        if found is None:
            raise SetupError(f"{tool} is not installed", fix=table.build.install)
        tools.append((tool, str(Path(found).resolve())))
    version = subprocess.run(table.build.version, capture_output=True, text=True, timeout=30, check=False)
    return Runtime(table, find_python("@server"), version.stdout.strip(), tuple(tools))


_PROBE = """
import json, os, platform, sys, sysconfig
base = {"installed_base": sys.base_prefix, "base": sys.base_prefix, "platbase": sys.base_prefix}
library = sysconfig.get_path("stdlib", vars=base)
shared = os.path.join(sysconfig.get_config_var("LIBDIR") or "", sysconfig.get_config_var("INSTSONAME") or "")
binary = os.path.realpath(getattr(sys, "_base_executable", sys.executable) or sys.executable)
print(json.dumps({"binary": binary, "library": library, "shared": shared if ".so" in shared else "",
                  "tag": "python%d.%d" % sys.version_info[:2], "version": platform.python_version()}))
"""


def find_python(command: str) -> PythonHome:
    """Asks an interpreter where it lives. "@server" is the one that runs this."""
    program = sys.executable if command == "@server" else shutil.which(command)
    if program is None:
        raise SetupError(f"{command} is not installed", fix=f"install {command}, or name another in the runtime file")
    answer = subprocess.run([program, "-I", "-c", _PROBE], capture_output=True, text=True, timeout=30, check=False)
    if answer.returncode != 0:
        raise SetupError(f"{command} does not start", why=answer.stderr.strip()[-500:])
    return PythonHome(**json.loads(answer.stdout))

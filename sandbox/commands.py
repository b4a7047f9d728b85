"""From a runtime's commands to those of one program: placeholders filled in, files laid out. Pure.

{main}        the main file            {stem}        its name without the ending
{sources}     all files that end as the main file does, a word each
{output}      where a build leaves what it made
{memory_mib}  the memory limit of the run
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from sandbox.model.limits import Limits
from sandbox.model.plan import File, TestPlan
from sandbox.runtime_table import RuntimeTable
from sandbox.runtimes import Runtime

TOOLS = "/usr/bin"


def fill(
    command: Sequence[str], main: str, limits: Limits, files: Sequence[File] = (), output: str = ""
) -> tuple[str, ...]:
    """The command's words. Names from a request can be no options: one that begins with a dash or an @ gets a "./"."""
    ending = PurePosixPath(main).suffix
    words: list[str] = []
    for part in command:
        if part == "{sources}":
            others = [file.path for file in files if file.path != main and PurePosixPath(file.path).suffix == ending]
            words += [_plain(path) for path in (main, *others)]
            continue
        word = part.replace("{output}", output).replace("{memory_mib}", str(limits.memory_bytes >> 20))
        words.append(word.replace("{stem}", PurePosixPath(main).stem).replace("{main}", _plain(main)))
    return (f"{TOOLS}/{words[0]}", *words[1:])


def run_plan(runtime: Runtime, main: str, limits: Limits, arguments: Sequence[str]) -> TestPlan:
    """One run of a program: forked from a warm interpreter, executed itself, or given to the language's command."""
    if runtime.table.interpreter is not None:
        return TestPlan("main", limits, argv=("main", *arguments))
    if runtime.table.run is None:
        return TestPlan("exec", limits, argv=("./main", *arguments))
    return TestPlan("exec", limits, argv=(*fill(runtime.table.run.command, main, limits), *arguments))


def check_plan(table: RuntimeTable, main: str, limits: Limits) -> TestPlan:
    """The run that tells whether the source compiles."""
    assert table.run is not None
    return TestPlan("exec", limits, argv=fill(table.run.check, main, limits))


def opened(runtime: Runtime, files: tuple[File, ...], built: bytes | None) -> tuple[File, ...]:
    """What the work folder of a program holds when its tests begin."""
    if built is None:
        return files
    build = runtime.table.build
    return (File(build.output, built),) if build is not None and build.output else ()


def executed(runtime: Runtime, plan: TestPlan, built: bytes | None) -> TestPlan:
    """The plan of a run, with the binary where that is what runs."""
    if built is None or runtime.table.run is not None:
        return plan
    return replace(plan, extra=built)


def _plain(path: str) -> str:
    return f"./{path}" if path.startswith(("-", "@")) else path

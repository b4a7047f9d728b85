"""`python -m bench`: everything side by side in one run, on the same programs."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from pathlib import Path

import grpc

from bench import report
from bench.machine import Machine
from bench.model import BenchError, Progress, Section, Settings
from bench.sections.cpp import cpp
from bench.sections.latency import latency
from bench.sections.levels import levels
from bench.sections.memory import memory
from bench.sections.overhead import overhead
from bench.sections.python import python
from sandbox.errors import SandboxError
from sandbox.settings import Settings as ServerSettings

_SECTIONS: Mapping[str, Callable[[Settings, Progress], Generator[Section, None, None]]] = {
    "python": python,
    "cpp": cpp,
    "overhead": overhead,
    "latency": latency,
    "levels": levels,
    "memory": memory,
}


def main() -> int:
    """0 when everything was measured, whatever came out; 1 when something did not do what it has to."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = _arguments()
    cells = ServerSettings().cells
    settings = Settings(arguments.rounds, arguments.seconds, os.cpu_count() or 1, cells, arguments.profile)
    machine = Machine.look()
    how = f"medians of {settings.rounds} rounds of {settings.seconds:g} s for each variant, taken in turns"
    report.show_machine(machine, how)
    sections = []
    try:
        for name in arguments.only:
            with closing(_SECTIONS[name](settings, report.progress)) as found:
                for section in found:
                    sections.append(section)
                    report.show(section)
    except (BenchError, SandboxError, grpc.RpcError, subprocess.SubprocessError) as error:
        report.show_error(error)
        return 1
    except KeyboardInterrupt:
        return 130
    report.show_bars([bar for section in sections for bar in section.bars])
    if arguments.json is not None:
        taken = {"rounds": settings.rounds, "seconds": settings.seconds, "workers": settings.workers}
        report.write_json(arguments.json, machine, taken, sections)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds for each variant (default: 5)")
    parser.add_argument("--seconds", type=float, default=3, metavar="S", help="length of a round (default: 3)")
    parser.add_argument(
        "--only",
        type=_names,
        default=tuple(_SECTIONS),
        metavar="NAMES",
        help=f"sections, with commas between them (default: {','.join(_SECTIONS)})",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round to a file, too")
    parser.add_argument("--profile", action="store_true", help="count system calls with strace, in section overhead")
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.seconds <= 0:
        parser.error("at least one round of more than 0 seconds is needed")
    return arguments


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = [name for name in names if name not in _SECTIONS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(_SECTIONS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())

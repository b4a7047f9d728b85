"""`python -m bench.undo`: every figure that the undo runtime is held to, side by side in one run."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from bench import report
from bench.machine import Machine
from bench.model import BenchError, Progress, Section
from bench.undo.actions import actions
from bench.undo.backends import http, postgres
from bench.undo.branches import branches
from bench.undo.collecting import collecting
from bench.undo.flushes import flushes
from bench.undo.journal import journal
from bench.undo.rollback import rollback
from bench.undo.rounds import Taken
from bench.undo.undoing import undoing
from sandbox.errors import SandboxError
from sandbox.model.outcome import FaultError

_SECTIONS: Mapping[str, Callable[[Taken, Progress], Iterator[Section]]] = {
    "branches": branches,
    "actions": actions,
    "collecting": collecting,
    "undoing": undoing,
    "journal": journal,
    "flushes": flushes,
    "rollback": rollback,
    "http": http,
    "postgres": postgres,
}


def main() -> int:
    """0 when everything was measured, whatever came out; 1 when something did not do what it has to."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = _arguments()
    machine = Machine.look()
    report.show_machine(machine, f"medians of {arguments.rounds} rounds, with the least and the most of them")
    sections: list[Section] = []
    try:
        with tempfile.TemporaryDirectory(prefix="bench-undo-", dir=arguments.folder) as folder:
            taken = Taken(Path(folder), arguments.rounds, arguments.quick)
            for name in arguments.only:
                with closing(_SECTIONS[name](taken, report.progress)) as found:  # type: ignore[type-var]
                    for section in found:
                        sections.append(section)
                        report.show(section)
    except (BenchError, SandboxError, FaultError, subprocess.SubprocessError, OSError) as error:
        report.show_error(error)
        return 1
    except KeyboardInterrupt:
        return 130
    report.show_bars([bar for section in sections for bar in section.bars])
    if arguments.json is not None:
        report.write_json(arguments.json, machine, {"rounds": arguments.rounds}, sections)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.undo", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds for each figure (default: 5)")
    parser.add_argument("--quick", action="store_true", help="without the tree of 1,000,000 files and the 1 GiB file")
    parser.add_argument(
        "--only",
        type=_names,
        default=tuple(_SECTIONS),
        metavar="NAMES",
        help=f"sections, with commas between them (default: {','.join(_SECTIONS)})",
    )
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where to work (default: the temporary folder)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round to a file, too")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("at least one round is needed")
    return arguments


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = [name for name in names if name not in _SECTIONS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(_SECTIONS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())

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

from bench import arguments, report
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
    given = _arguments()
    machine = Machine.look()
    report.show_machine(machine, f"medians of {given.rounds} rounds, with the least and the most of them")
    sections: list[Section] = []
    try:
        with tempfile.TemporaryDirectory(prefix="bench-undo-", dir=given.folder) as folder:
            taken = Taken(Path(folder), given.rounds, given.quick)
            for name in given.only:
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
    if given.json is not None:
        report.write_json(given.json, machine, {"rounds": given.rounds}, sections)
    return 0


def _arguments() -> argparse.Namespace:
    parser = arguments.parser("python -m bench.undo", __doc__, _SECTIONS)
    parser.add_argument("--quick", action="store_true", help="without the tree of 1,000,000 files and the 1 GiB file")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where to work (default: the temporary folder)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

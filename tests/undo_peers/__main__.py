"""`python -m tests.undo_peers`: has every change undone by every tool, and writes the table. Needs root.

The other tools are installed from PyPI, each into an environment of its own in a temporary folder.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.undo_peers.ours import runtime, undone
from tests.undo_peers.scan import differences, scan
from tests.undo_peers.table import OURS, PAGE, RIGHT, TOOLS, Result, write
from tests.undo_peers.trees import Case, cases, make

_PACKAGES = {
    "gitundo": "gitundo==0.1.0",
    "revoco": "revoco==0.5.25",
    "nono": "nono-py==0.16.0",
    "undolith": "undolith==0.3.0",
    "evoundo": "evoundo==0.1.0",
}
_PEER = Path(__file__).parent / "peer.py"
_MANY = "1,000 files"
_TIMEOUT_S = 120


def main() -> int:
    """0 when every tool was run and this runtime undid everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.undo_peers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each change is made")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="undo-peers-") as folder:
        top = Path(folder)
        _identity(top)
        pythons = {tool: _install(top / "venvs" / tool, _PACKAGES.get(tool)) for tool in TOOLS if tool != OURS}
        results = asyncio.run(_all(top, pythons, arguments.rounds))
    named = ", ".join(package.replace("==", " ") for package in _PACKAGES.values())
    versions = (
        f"Versions: {named}, git {_git_version()}, Python {platform.python_version()}, Linux {platform.release()}."
    )
    PAGE.write_text(write(results, versions, _MANY), encoding="utf-8")
    for name, row in results.items():
        print(f"{name:40}", *(f"{row[tool].cell()[:22]:22}" for tool in TOOLS))
    return 0 if all(row[OURS].cell() == RIGHT for row in results.values()) else 1


def _install(folder: Path, package: str | None) -> str:
    """The interpreter of an environment with `package`; where there is none to install, this one."""
    if package is None:
        return sys.executable
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", package], check=True)
    return python


def _identity(home: Path) -> None:
    """Nothing of whoever runs this is read or written: no settings of git's, no state of a tool's."""
    os.environ.update(HOME=str(home), GIT_CONFIG_SYSTEM="/dev/null", GIT_CONFIG_GLOBAL=str(home / "gitconfig"))
    os.environ.pop("VIRTUAL_ENV", None)
    (home / "gitconfig").write_text("[user]\nname = peer\nemail = peer@localhost\n[gc]\nauto = 0\n")


async def _all(top: Path, pythons: dict[str, str], rounds: int) -> dict[str, dict[str, Result]]:
    found: dict[str, dict[str, Result]] = {}
    root = top / "trees"
    root.mkdir()
    async with runtime(root, top / "state") as actions:
        for number, case in enumerate(cases()):
            row = found[case.name] = {tool: Result() for tool in TOOLS}
            for turn in range(rounds):
                for tool, result in row.items():
                    if result.failed:
                        continue
                    place = root / f"{number}-{turn}-{tool.replace(' ', '-')}"
                    tree = place / "tree"
                    make(case, tree)
                    before = scan(tree)
                    if tool == OURS:
                        acted, took, refused = await undone(actions, case, tree)
                        told = {"act": acted, "undo": took, "refused": refused}
                    else:
                        told = _peer(pythons[tool], tool, case, place)
                    _judge(result, case, told, lambda before=before, tree=tree: differences(before, scan(tree)), tree)
                    subprocess.run(["rm", "-rf", "--", place], check=True)
    return found


def _judge(result: Result, case: Case, told: dict, differ, tree: Path) -> None:
    if "failed" in told:
        result.failed = told["failed"]
        return
    result.act.append(told["act"])
    result.undo.append(told["undo"])
    if case.foreign:
        kept = (tree / "a.txt").read_text() == "from somebody else\n"
        wrong = [] if kept else ["overwritten"]
    else:
        wrong = differ()
    # What went wrong in any round.
    result.wrong = list(dict.fromkeys([*result.wrong, *wrong]))


def _peer(python: str, tool: str, case: Case, place: Path) -> dict:
    """What the tool's own process tells, or how it failed."""
    state = place / "state"
    state.mkdir()
    for name, source in (("change", case.change), ("foreign", case.foreign)):
        (state / f"{name}.py").write_text(source, encoding="utf-8")
    job = {
        "tool": tool,
        "tree": str(place / "tree"),
        "state": str(state),
        "python": sys.executable,
        "change": str(state / "change.py"),
        "path": case.path,
        "calls": case.all_calls(),
        "foreign": str(state / "foreign.py") if case.foreign else "",
    }
    try:
        done = subprocess.run(
            [python, "-I", str(_PEER)],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            env={**os.environ, "HOME": str(state)},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"no answer in {_TIMEOUT_S} s"}
    if done.returncode or not done.stdout:
        lines = done.stderr.strip().splitlines() or ["nothing"]
        print(f"{tool}, {case.name}: {lines[-1]}", file=sys.stderr)
        return {"failed": f"failed: {lines[-1].partition(':')[0].rpartition('.')[2][:40]}"}
    found: dict = json.loads(done.stdout)
    if found["refused"]:
        print(f"{tool}, {case.name}, refused: {found['refused'][:300]}", file=sys.stderr)
    return found


def _git_version() -> str:
    return subprocess.run(["git", "--version"], check=True, capture_output=True, text=True).stdout.split()[2]


if __name__ == "__main__":
    sys.exit(main())

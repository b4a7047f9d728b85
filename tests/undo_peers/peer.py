"""One tool, one change: `python peer.py JOB`, in the tool's own environment. Prints one line of JSON.

Each function has what the tool needs done before, the change, and the tool's own undo, as its documentation says.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable

Job = dict  # what the parent sends: tree, state, python, change, path, calls, foreign
Two = tuple  # (protect and change, undo), to be called one after the other


def git(job: Job) -> Two:
    """Everything is committed; `git clean -fd; git reset --hard HEAD` takes back what came after."""

    def act() -> None:
        _git(job, "add", "-A")
        _git(job, "commit", "-q", "--allow-empty", "-m", "before")
        _change(job)

    def undo() -> None:
        _git(job, "clean", "-fdq")
        _git(job, "reset", "-q", "--hard", "HEAD")

    return act, undo


def copy(job: Job) -> Two:
    """`cp -a` before; afterwards all is removed and copied back."""
    saved = os.path.join(job["state"], "copy")

    def act() -> None:
        subprocess.run(["cp", "-a", "--", job["tree"], saved], check=True)
        _change(job)

    def undo() -> None:
        for entry in os.scandir(os.fsencode(job["tree"])):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)
        subprocess.run(["cp", "-a", "--", f"{saved}/.", job["tree"]], check=True)

    return act, undo


def gitundo(job: Job) -> Two:
    """`gitundo snap`, and `gitundo restore --hard --delete-extraneous`."""
    program = os.path.join(os.path.dirname(sys.executable), "gitundo")

    def act() -> None:
        subprocess.run([program, "snap", "before", "--force"], cwd=job["tree"], check=True, stdout=subprocess.DEVNULL)
        _change(job)

    def undo() -> None:
        command = [program, "restore", "--hard", "--delete-extraneous"]
        subprocess.run(command, cwd=job["tree"], check=True, stdout=subprocess.DEVNULL)

    return act, undo


def revoco(job: Job) -> Two:
    """Its adapter for working trees: `take_tree` before a command, `restore_tree` as the inverse."""
    from revoco.adapters.workspace import restore_tree, take_tree

    taken = []

    def act() -> None:
        taken.append(take_tree(job["tree"]))
        _change(job)

    return act, lambda: restore_tree(job["tree"], taken[0])


def nono(job: Job) -> Two:
    """Its snapshots: a baseline, an incremental one after the change, `restore_to(0)`."""
    from nono_py import SnapshotManager

    manager = SnapshotManager(session_dir=os.path.join(job["state"], "session"), tracked_paths=[job["tree"]])

    def act() -> None:
        manager.create_baseline()
        _change(job)
        manager.create_incremental()

    return act, lambda: manager.restore_to(snapshot_number=0)


def undolith(job: Job) -> Two:
    """Its file calls where it has one for the change, else its shell adapter; `rollback` of the session."""
    from undolith import Policy, Undolith
    from undolith.adapters import FileSystem, Shell
    from undolith.approvers import AutoApprove

    guard = Undolith(os.path.join(job["state"], "undolith"), policy=Policy(), approver=AutoApprove())
    guard.register(FileSystem(job["tree"]), Shell(job["tree"]))
    session = guard.session(agent="peer")

    def act() -> None:
        session.__enter__()
        for verb, *arguments in job["calls"]:
            names = ("path", "content") if len(arguments) > 1 else ("path",)
            session.call(f"fs.{verb}", **dict(zip(names, arguments, strict=True)))
        if not job["calls"]:
            session.call("sh.run", cmd=[job["python"], "-I", job["change"]])

    return act, lambda: session.rollback()


def evoundo(job: Job) -> Two:
    """A tool function under its decorator, which sees the parameter `path`; `revert` of each call, newest first."""
    from evoundo import evoundo as protected
    from evoundo import revert

    calls = job["calls"] or [["change", job["path"]]]

    @protected
    def tool(path: str, verb: str, content: str) -> None:
        if verb == "change":
            _change(job)
        elif verb == "delete":
            os.unlink(path)
        else:
            with open(path, "a" if verb == "append" else "w") as file:
                file.write(content)

    def act() -> None:
        for verb, path, *content in calls:
            tool(os.path.join(job["tree"], path), verb, "".join(content))

    def undo() -> None:
        for _ in calls:
            revert()

    return act, undo


TOOLS = {each.__name__: each for each in (git, copy, gitundo, revoco, nono, undolith, evoundo)}


def _git(job: Job, *command: str) -> None:
    subprocess.run(["git", *command], cwd=job["tree"], check=True, stdout=subprocess.DEVNULL)


def _change(job: Job) -> None:
    subprocess.run([job["python"], "-I", job["change"]], cwd=job["tree"], check=True)


def _milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter_ns()
    act()
    return (time.perf_counter_ns() - began) / 1e6


def main() -> None:
    """Does the job on standard input, and tells on what was standard output."""
    answers = os.dup(1)
    os.dup2(2, 1)
    job = json.load(sys.stdin)
    os.chdir(job["state"])
    act, undo = TOOLS[job["tool"]](job)
    found = {"act": _milliseconds(act), "refused": ""}
    if job["foreign"]:
        subprocess.run([job["python"], "-I", job["foreign"]], cwd=job["tree"], check=True)
    began = time.perf_counter_ns()
    try:
        undo()
    # Whatever a tool raises to say that it did not.
    except Exception as error:  # noqa: BLE001
        found["refused"] = f"{type(error).__name__}: {error}"
    found["undo"] = (time.perf_counter_ns() - began) / 1e6
    os.write(answers, json.dumps(found).encode())


if __name__ == "__main__":
    main()

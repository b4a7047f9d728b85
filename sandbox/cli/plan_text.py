"""A plan for people. Built here, printed by `render.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from sandbox.cli.render import clean
from sandbox.cli.units import limits_text, size_text

_TESTS_SHOWN = 10
_ROOT_WORDS = {
    "bind": "read-only from the host",
    "copy": "copied",
    "file": "made up",
    "link": "links",
    "folder": "folders",
    "blank": "empty, laid over",
    "device": "devices",
}


def plan_text(plan: dict[str, Any]) -> Text:
    """The plan, a heading for each part of it."""
    text = Text()
    for heading, body in _parts(plan):
        text.append(f"{heading}\n", style="bold")
        for line in body:
            text.append(f"  {clean(line)}\n")
    text.rstrip()
    return text


def _parts(plan: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    runtime, policy = plan["runtime"], plan["policy"]
    yield (
        "job",
        [
            f"{plan['id']}: {runtime['name']} {runtime['version']}, policy {policy['name']}, scheme {plan['scheme']}",
            *(f"{file['path']}, {size_text(file['bytes'])}" for file in plan["files"]),
        ],
    )
    if plan["build"] is not None:
        build = plan["build"]
        yield "build, once, in a jail of its own", [" ".join(build["argv"]), ", ".join(limits_text(build["limits"]))]
        yield "build root", _root(build["cell"]["root"])
    yield "tests, each in a process of its own", [*_tests(plan)]
    yield "limits", [", ".join(limits_text(plan["limits"]))]
    cell = plan["cell"]
    yield (
        f"cell {cell['name']}, namespaces fresh for every {cell['fresh']}",
        [
            f"init: {' '.join(cell['init'])}",
            *([f"imported ahead: {', '.join(cell['preload'])}"] if cell["preload"] else []),
        ],
    )
    yield "root, read-only", _root(cell["root"])
    yield "writable, empty for every test", ["/box/work (where it runs), /tmp, /dev/shm"]
    yield "environment", [f"{name}={value}" for name, value in cell["environment"].items()]
    yield "network", ["none"]
    yield "system calls", _seccomp(cell["seccomp"])


def _tests(plan: dict[str, Any]) -> Iterator[str]:
    tests = plan["tests"]
    for test in tests[:_TESTS_SHOWN]:
        run = " ".join(test["argv"]) if test["argv"] else "calls of its functions"
        more = f", {size_text(test['stdin_bytes'])} on stdin" if test["stdin_bytes"] else ""
        tighter = "" if test["limits"] == plan["limits"] else f", {', '.join(_tighter(test['limits'], plan['limits']))}"
        yield f"{test['id']}: {run} [{test['mode']}]{more}{tighter}"
    if len(tests) > _TESTS_SHOWN:
        yield f"and {len(tests) - _TESTS_SHOWN} more (--json shows all)"


def _tighter(limits: dict[str, int], job: dict[str, int]) -> list[str]:
    return limits_text({name: value for name, value in limits.items() if value != job[name]})


def _root(entries: list[dict[str, str]]) -> list[str]:
    """Entries of one kind on one line; those from the host with where they come from."""
    lines = []
    for action, words in _ROOT_WORDS.items():
        found = [entry for entry in entries if entry["action"] == action]
        if action == "bind":
            lines += [f"{entry['target']}  {words}: {entry['source']}" for entry in found]
        elif found:
            lines.append(f"{words}: {' '.join(entry['target'] for entry in found)}")
    return lines


def _seccomp(summary: dict[str, Any]) -> list[str]:
    granted = ", ".join(f"{name} ({count})" for name, count in summary["granted"].items())
    answers: dict[str, list[str]] = {}
    for name, error in summary["answers"].items():
        answers.setdefault(error, []).append(name)
    return [
        f"granted: {granted}",
        *(f"{error} for {', '.join(names)}" for error, names in answers.items()),
        f"{summary['otherwise']} for all others",
        *([f"noticed where refused: {', '.join(summary['watched'])}"] if summary["watched"] else []),
        f"{summary['instructions']} instructions, sha256 {summary['sha256'][:16]}",
    ]

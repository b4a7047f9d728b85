"""The page that `make undo-peers` writes: docs/undo-peers.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.undo_peers.scan import SUBSTANCE

PAGE = Path(__file__).parents[2] / "docs" / "undo-peers.md"
RIGHT, WRONG = "✔", "✗"
OURS = "this runtime"
# Columns, in order, with how each is used; the versions come from the environments.
TOOLS = {
    OURS: "an action that is committed at once, then `undo`",
    "git": "`git add -A; git commit` before, `git clean -fd; git reset --hard HEAD` to undo (GoEx's method)",
    "copy": "`cp -a` before; to undo, everything is removed and copied back",
    "gitundo": "`gitundo snap`, `gitundo restore --hard --delete-extraneous`",
    "revoco": "its adapter for working trees: `take_tree`, `restore_tree`",
    "nono": "`SnapshotManager`: a baseline, an incremental snapshot, `restore_to(0)`",
    "undolith": "its `fs` calls where it has one for the change, else `sh.run`; then `rollback` of the session",
    "evoundo": "a function under its decorator, which sees one `path`; `revert` of each call",
}
LEFT_OUT = {
    "agentfs-sdk 0.6": "a file system of its own in a database, for programs that call it; commands do not see it, and "
    "the package has no undo, snapshot or rollback",
    "doover 1.18": "the client library of a platform for devices; no undo tool",
}

_HEAD = """# The same changes, undone by others

Written by `make undo-peers`; not edited by hand. Each change of `tests/undo_peers/cases.toml` is made in a fresh git
tree under each tool, used as its documentation says, and undone. Then all of the tree is looked at again: names, kinds,
contents, modes, owners, mtimes in ns, extended attributes and access control lists, links, holes; all but `.git`.

✔ the tree is what it was · a name alone: contents are right, and that is not as it was · ✗ what is there is not what
was there: content that differs, files missing or left over (and maybe more, not named then). The last change asks
for the opposite: a file that somebody else wrote in the meantime is not to be overwritten.

{versions}

"""


@dataclass(slots=True)
class Result:
    """One tool on one case: what was found wrong, and milliseconds of each round."""

    wrong: Sequence[str] = ()
    act: list[float] = field(default_factory=list)
    undo: list[float] = field(default_factory=list)
    failed: str = ""

    def cell(self) -> str:
        """For the table."""
        if self.failed:
            return f"{WRONG} {self.failed}"
        if not self.wrong:
            return RIGHT
        serious = [name for name in self.wrong if name in (*SUBSTANCE, "overwritten")]
        return f"{WRONG} {', '.join(serious)}" if serious else ", ".join(self.wrong)


def write(results: Mapping[str, Mapping[str, Result]], versions: str, many: str) -> str:
    """The page. `results`: by case, then by tool. `many`: the case that is timed by itself."""
    tools = list(TOOLS)
    lines = [["change", *tools], ["---"] * (1 + len(tools))]
    lines += [[name, *(row[tool].cell() for tool in tools)] for name, row in results.items()]
    rights = [sum(row[tool].cell() == RIGHT for row in results.values()) for tool in tools]
    lines.append(["**as it was**", *(f"**{count} of {len(results)}**" for count in rights)])
    lines.append(["protect and change, ms", *(_median(results, tool, "act", many) for tool in tools)])
    lines.append(["undo, ms", *(_median(results, tool, "undo", many) for tool in tools)])
    lines.append([f"undo of {many}, ms", *(_of(results[many][tool].undo) for tool in tools)])
    page = _HEAD.format(versions=versions) + _lines(lines)
    page += (
        "\nTimes are medians over all changes but the one of 1,000 files, tools' imports not counted; what protects is "
    )
    page += "measured with the change itself, which starts an interpreter in every column.\n\n"
    page += _lines([["tool", "how it is used"], ["---", "---"], *([tool, how] for tool, how in TOOLS.items())])
    page += "\nLeft out:\n\n" + "".join(f"- {name}: {why}.\n" for name, why in LEFT_OUT.items())
    return page


def _lines(lines: Sequence[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _median(results: Mapping[str, Mapping[str, Result]], tool: str, part: str, without: str) -> str:
    return _of([value for name, row in results.items() if name != without for value in getattr(row[tool], part)])


def _of(values: Sequence[float]) -> str:
    return f"{median(values):,.0f}" if values and median(values) >= 10 else f"{median(values):.1f}" if values else "–"

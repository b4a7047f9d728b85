"""Writes docs/attacks.md to standard output: every entry with its attacks, or with the reason why it has none."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from tests.attacks.attack import FOLDER, HONEST, Attack, all_attacks, all_honest

_HEAD = """# Attacks on rewards

Ways to be paid without solving a task, and the programs that try them here. Each is a folder of `tests/attacks/` with
the exploit and the answer that it must get; a deliberately weak grader of `tests/attacks/weak/` pays it, which shows
that it is real. `make attacks` runs them all against both and prints what came of it; `make attacks-table` writes this
file. A kind of test in brackets is one that the attack needs and that waits for it where a server does not have it.
"""


def entries() -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """The parts of the catalogue: a title, and the numbers and names of its entries."""
    parts = tomllib.loads((FOLDER / "entries.toml").read_text(encoding="utf-8"))
    for part in parts.values():
        yield part["title"], [(number, name) for number, name in part["entries"]]


def absent() -> dict[int, str]:
    """Why entries have no attack, by number."""
    table: dict[str, Any] = tomllib.loads((FOLDER / "absent.toml").read_text(encoding="utf-8"))
    return {int(number): str(reason) for number, reason in table.items()}


def text() -> str:
    """The whole document."""
    attacks: defaultdict[int, list[Attack]] = defaultdict(list)
    for attack in all_attacks():
        attacks[attack.number].append(attack)
    reasons = absent()
    lines = [_HEAD]
    for title, part in entries():
        lines += [f"## {title}", "", "| | entry | attacks | weak graders that pay |", "|---|---|---|---|"]
        lines += [_row(number, name, attacks[number], reasons.get(number, "")) for number, name in part]
        lines.append("")
    honest = all_honest()
    if honest:
        lines += ["## Honest programs that look alike", "", f"These of `tests/{HONEST.name}/` must be accepted.", ""]
        lines += [f"- `{case.name}`: {case.why}" for case in honest]
        lines.append("")
    return "\n".join(lines)


def _row(number: int, name: str, attacks: list[Attack], reason: str) -> str:
    if not attacks:
        return f"| {number} | {name} | {reason or 'none yet'} | |"
    listed = ", ".join(_told(attack) for attack in attacks)
    graders = ", ".join(f"`{weak}`" for weak in sorted({attack.weak for attack in attacks}))
    return f"| {number} | {name} | {listed}{'. ' + reason if reason else ''} | {graders} |"


def _told(attack: Attack) -> str:
    waits = f" ({attack.pending})" if attack.pending else ""
    return f"`{attack.name[4:]}`{waits}"


if __name__ == "__main__":
    print(text(), end="")

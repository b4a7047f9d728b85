"""docs/policies.md, written from the data model and the shipped files: `python -m sandbox.policies.page` prints it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sandbox.datafiles import Strict
from sandbox.model.limits import LIMIT_NAMES
from sandbox.policies.loading import load_policies
from sandbox.policies.policy import Policy
from sandbox.policies.tables import PolicyTable
from sandbox.policies.values import Described, described, values

_HEAD = """\
# Policies

<!-- Written by `make policies-page` from sandbox/policies/tables.py and policies/*.toml; a test compares them. -->

A policy is a file, `policies/NAME.toml`: what a program may use and touch, and what has to stand around it. A job names
one (`policy`; none: `default`, actions: `actions`). A job can only tighten it: limits may be lower (a higher one is
rejected, and both numbers are named), minimums may be higher (a lower one lowers nothing).

`extends = "default"` takes every value of another policy of the same folder; a file then names what differs. Tables are
laid over each other key by key, lists as a whole. A file that extends nothing names every key. `sandbox policies show
NAME` prints each effective value and the file and line that it comes from. `sandbox serve --policies DIR` and
`SANDBOX_POLICIES` use another folder. Unknown keys, wrong values, circles and bases that are not there are errors with
file and line, and the nearest name.

The hash of a policy is in every verdict (`receipt.policy`), in every record of an action, and in `Describe`. It covers
the effective values, the system calls that are granted with their answers, and the egress rules that are named; not
descriptions, comments, the order of keys and names, or how numbers are spelled.

What is reached is a fact of the kernel's or of this server's, never of the program's word; where several limits are
reached, MEMORY_LIMIT comes before TIME_LIMIT, and that before OUTPUT_LIMIT. `tests/policies/limits/` shows each limit
reached on a real server.
"""


def page() -> str:
    """The whole text."""
    keys, shipped = described(), load_policies()
    parts = [_HEAD, "## Shipped\n", _shipped(shipped.values())]
    parts += ["## Limits\n", *_limits(keys, shipped["default"])]
    for name, field in PolicyTable.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Strict) and not name.endswith("limits"):
            rows = [each for each in keys if each.key.startswith(f"{name}.")]
            parts += [f"## [{name}]\n", f"{kind.__doc__}\n", _others(rows, shipped["default"])]
    top = [each for each in keys if "." not in each.key or each.key.endswith(".*")]
    extends = "| `extends` | the policy whose values this one starts with | this folder's files | nothing | none |\n"
    parts += ["## Above the tables, and [environment]\n", _others(top, shipped["default"]) + extends]
    return "\n".join(parts)


def _shipped(policies: Iterable[Policy]) -> str:
    rows = []
    for policy in policies:
        own = [each for each in values(policy) if each.origin.startswith(f"{policy.name}.toml:")]
        differs = [f"`{each.key} = {_toml(each.value)}`" for each in own if each.key not in ("name", "description")]
        listed = "everything" if policy.name == "default" else "; ".join(differs)
        rows.append((f"`{policy.name}`", policy.table.description, listed))
    return _table(("policy", "for", "its own values"), rows)


def _limits(keys: Sequence[Described], default: Policy) -> Iterable[str]:
    yield "`[limits]` bounds a program, `[build_limits]` its build, `[judge_limits]` what judges it.\n"
    found = {each.key: each for each in keys}
    for name in LIMIT_NAMES:
        each = found[f"limits.{name}"]
        numbers = [getattr(limits, name) for limits in (default.limits, default.build_limits, default.judge_limits)]
        yield f"### {name}\n"
        yield f"{_sentence(each.means)}\n"
        yield _table(
            ("", ""),
            [
                ("by default", "{:,} in a run, {:,} in a build, {:,} for what judges".format(*numbers)),
                ("at least", f"{each.least:,}"),
                ("enforced by", each.by),
                ("reached by a program", each.reached),
                ("by a build", each.build),
                ("by what judges", each.judge),
            ],
        )


def _others(keys: Iterable[Described], default: Policy) -> str:
    given = {each.key: each.value for each in values(default)}
    rows = []
    for each in keys:
        name = each.key.rpartition(".")[2] if not each.key.endswith(".*") else f"{each.key[:-2]}.NAME"
        value = f"`{_toml(given[each.key])}`" if each.key in given and each.by else ""
        rows.append((f"`{name}`", f"{each.means} ({each.kind})", each.by, each.reached, value))
    return _table(("key", "what", "enforced by", "reached, or refused", "by default"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        names = [f'"{each}"' for each in value]
        return "[" + ", ".join(names if len(names) <= 12 else [*names[:8], f"… {len(names)} in all"]) + "]"
    return f"{value:_}" if isinstance(value, int) else f'"{value}"'


if __name__ == "__main__":
    print(page(), end="")

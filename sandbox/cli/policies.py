"""`sandbox policies`: what programs may use and touch."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import rich_click as click

from sandbox.cli import render
from sandbox.cli.exits import UsageError
from sandbox.cli.verb import Family, Verb, json_option

if TYPE_CHECKING:
    from sandbox.policies import Policy

_LIST_EPILOG = """
examples:
  sandbox policies
  sandbox policies show strict
  sandbox policies --json

A job may tighten its policy's limits, and never loosen them.

exit codes: 0 listed, 2 bad usage, 3 a data file of ours is wrong
"""

_SHOW_EPILOG = """
examples:
  sandbox policies show default
  sandbox policies show numpy --json | jq -c '.values[] | [.key, .from]'

Every value comes with the file and line that it was written on: the policy's
own, or that of the policy that it extends. What a program sees when a limit is
reached: docs/policies.md, and `reached` of the JSON.

exit codes: 0 shown, 2 no such policy, 3 a data file of ours is wrong
"""


@click.group("policies", cls=Family, invoke_without_command=True, epilog=_LIST_EPILOG)
@json_option("Print every policy, whole.")
@click.pass_context
def policies(context: click.Context, as_json: bool) -> int:
    """Lists what programs may use and touch."""
    if context.invoked_subcommand is not None:
        return 0
    from sandbox.policies import load_policies
    from sandbox.settings import Settings

    listed = [_described(policy) for policy in load_policies(Settings().policies).values()]
    if as_json:
        render.as_json(listed)
    else:
        from sandbox.cli.tables import policies_table

        render.show(policies_table(listed))
    return 0


@policies.command("show", cls=Verb, epilog=_SHOW_EPILOG)
@click.argument("name")
@json_option("Print it as JSON.")
@click.pass_context
def show(context: click.Context, name: str, as_json: bool) -> int:
    """Shows one policy, whole, and where each value comes from."""
    from sandbox.errors import nearest
    from sandbox.policies import load_policies
    from sandbox.settings import Settings

    known = load_policies(Settings().policies)
    if name not in known:
        raise UsageError(f"no policy is called {name!r}", fix=nearest(name, known))
    if as_json or (context.parent is not None and context.parent.params["as_json"]):
        render.as_json(_described(known[name]))
    else:
        from sandbox.cli.tables import policy_table

        render.show(policy_table(_described(known[name])))
    return 0


def _described(policy: Policy) -> dict[str, Any]:
    from sandbox.policies.values import values

    table, groups = policy.table, policy.seccomp.groups
    return {
        "name": policy.name,
        "description": table.description,
        "hash": policy.hash,
        "fresh": table.fresh,
        "limits": asdict(policy.limits),
        "build_limits": asdict(policy.build_limits),
        "judge_limits": asdict(policy.judge_limits),
        "isolation": table.isolation.minimum,
        "integrity": {"minimum": table.integrity.minimum, "in_process": table.integrity.in_process},
        "actions": table.actions.model_dump(mode="json"),
        "environment": dict(table.environment),
        "packages": [*table.packages.python],
        "tools": [*table.packages.tools],
        "seccomp": {
            "groups": [
                {"name": name, "reason": groups[name].reason, "calls": [*groups[name].calls]}
                for name in table.seccomp.groups
            ],
            "answers": dict(policy.seccomp.answers),
            "watched": policy.watched,
        },
        "values": [
            {"key": each.key, "value": each.value, "from": each.origin, "reached": each.reached}
            for each in values(policy)
        ],
    }

"""docs/policies.md is what the data model and the shipped files say, and leaves no key out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from sandbox.model.limits import LIMIT_NAMES
from sandbox.policies import load_policies
from sandbox.policies.page import page
from sandbox.policies.tables import PolicyTable
from sandbox.policies.values import described, values
from sandbox.v1 import job_pb2

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"


def fields(table: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Keys of the data model, found by a walk of its own."""
    for name, field in table.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from fields(inner, f"{prefix}{name}.")
        else:
            yield prefix + name


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == page(), "make policies-page"


def test_every_key_says_what_it_means_what_enforces_it_and_what_a_program_sees():
    found = {each.key.removesuffix(".*"): each for each in described()}
    assert set(found) == set(fields(PolicyTable))
    for key, each in found.items():
        assert each.means, key
        if key not in ("name", "description"):
            assert each.by and each.reached, key
        if "limits." in key:
            assert each.build and each.judge and each.least, key


def test_every_key_and_every_shipped_policy_is_on_the_page():
    text = PAGE.read_text()
    for key in fields(PolicyTable):
        name = key.rpartition(".")[2]
        assert f"### {name}\n" in text or f"| `{name}` |" in text or f"| `{name}.NAME` |" in text, key
    for name, policy in load_policies().items():
        assert f"| `{name}` | {policy.table.description} |" in text


def test_limits_of_policies_of_requests_and_of_plans_are_the_same():
    assert {field.name for field in job_pb2.Limits.DESCRIPTOR.fields} == set(LIMIT_NAMES)
    for table in ("limits", "build_limits", "judge_limits"):
        assert {key for key in fields(PolicyTable) if key.startswith(f"{table}.")} == {
            f"{table}.{name}" for name in LIMIT_NAMES
        }


def test_every_value_that_applies_is_a_documented_key():
    known = {each.key for each in described()}
    for policy in load_policies().values():
        for each in values(policy):
            assert each.key in known or f"{each.key.partition('.')[0]}.*" in known

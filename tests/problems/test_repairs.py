"""Known mistakes of public data are set right, and nothing else is touched."""

import os
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from sandbox.problems import load
from sandbox.problems.repairs import repair

from .rows import problem, sample

REPAIRS = tomllib.loads(resources.files("sandbox.problems").joinpath("repairs.toml").read_text())["repair"]


def fields_with(repair_table):
    """The least problem to which a repair applies."""
    fields = dict.fromkeys(("prompt", "solution", "test", "setup"), "")
    for edit in repair_table["edits"]:
        fields[edit["field"]] += edit["old"]
    return fields


@pytest.mark.parametrize("table", REPAIRS, ids=lambda table: table["problem"])
def test_a_repair_replaces_its_texts_and_leaves_its_reason(table):
    before = problem(id=table["problem"], **fields_with(table))
    after = repair(before)
    assert after.repaired == table["why"]
    for edit in table["edits"]:
        assert edit["new"] in getattr(after, edit["field"])
    assert (after.id, after.entry_point) == (before.id, before.entry_point)


@pytest.mark.parametrize("table", REPAIRS, ids=lambda table: table["problem"])
def test_an_edition_in_which_a_text_is_missing_or_not_alone_is_left_as_it_is(table):
    for change in ("", "twice"):
        fields = fields_with(table)
        edit = table["edits"][-1]
        fields[edit["field"]] = edit["old"] * 2 if change else "something else"
        if not edit["old"]:
            fields[edit["field"]] = "something else"
        other = problem(id=table["problem"], **fields)
        assert repair(other) == other


def test_problems_without_a_known_mistake_are_left_as_they_are():
    assert not any(each.repaired for each in sample())
    assert repair(problem()) == problem()


@pytest.mark.skipif(not Path(os.environ.get("SANDBOX_DATA", "none"), "mbpp.jsonl.gz").exists(), reason="no MBPP here")
def test_every_repair_applies_to_the_public_edition():
    path = Path(os.environ["SANDBOX_DATA"], "mbpp.jsonl.gz")
    repaired = [each.id for each in load(path) if each.repaired]
    assert sorted(repaired) == sorted(table["problem"] for table in REPAIRS)
    assert not any(each.repaired for each in load(path, repaired=False))

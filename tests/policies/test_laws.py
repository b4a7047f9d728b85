"""Laws of policies: jobs only tighten, misspelt keys are told with file, line and name, hashes are of what applies."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.catalog import Catalog
from sandbox.check import check_request
from sandbox.datafiles import folder
from sandbox.errors import ConfigError, JobError
from sandbox.model.limits import LIMIT_NAMES
from sandbox.planner import Planner
from sandbox.policies import Policy, load_policies
from sandbox.policies.tables import PolicyTable
from sandbox.policies.values import values
from sandbox.toml_lines import lines_of
from sandbox.undo.asked import asked
from sandbox.v1 import action_pb2, job_pb2
from tests.policies.written import copied

CATALOG = Catalog()
POLICIES = CATALOG.policies
names = st.sampled_from(sorted(POLICIES))
# Around the policy's own number, and far from it.
wanted = st.dictionaries(
    st.sampled_from(LIMIT_NAMES), st.floats(0, 1) | st.sampled_from([1.0, 1.0000001, 1.5, 1e6]), max_size=9
)


def limits(policy: Policy, shares: dict[str, float]) -> job_pb2.Limits:
    return job_pb2.Limits(**{name: int(getattr(policy.limits, name) * share) for name, share in shares.items()})


def looser(policy: Policy, asked_for: job_pb2.Limits) -> list[str]:
    return [name for name in LIMIT_NAMES if getattr(asked_for, name) > getattr(policy.limits, name)]


def assert_names_both(error: JobError, above: Any, asked_for: job_pb2.Limits, field: str) -> None:
    name = error.field.rpartition(".")[2]
    assert error.field == f"{field}.{name}"
    assert getattr(asked_for, name) > getattr(above, name)
    assert str(getattr(asked_for, name)) in error.message and str(getattr(above, name)) in error.message


@given(name=names, of_job=wanted, of_test=wanted)
def test_no_job_runs_under_a_limit_that_is_looser_than_its_policys(name: str, of_job, of_test):
    policy = POLICIES[name]
    request = job_pb2.ScoreRequest(program=job_pb2.Program(language="python", source=""), policy=name)
    request.limits.CopyFrom(limits(policy, of_job))
    test = request.tests.add(stdio=job_pb2.StdioTest(), limits=limits(policy, of_test))
    try:
        job = check_request(request, request.tests, CATALOG)
    except JobError as error:
        if looser(policy, request.limits):
            assert_names_both(error, policy.limits, request.limits, "limits")
        else:
            tightened = {**asdict(policy.limits), **{f.name: v for f, v in request.limits.ListFields()}}
            assert any(getattr(test.limits, each) > tightened[each] for each in LIMIT_NAMES)
            assert error.field.startswith("tests[0].limits.")
        return
    plan = job.tests[0].check.plan.limits
    for each in LIMIT_NAMES:
        assert getattr(plan, each) <= getattr(job.limits, each) <= getattr(policy.limits, each)
        if getattr(test.limits, each):
            assert getattr(plan, each) == getattr(test.limits, each)


@given(name=names, shares=wanted)
def test_no_action_runs_under_a_limit_that_is_looser_than_its_policys(name: str, shares):
    policy = POLICIES[name]
    request = action_pb2.ExecuteRequest(workspace="/w", command=["true"], policy=name, limits=limits(policy, shares))
    try:
        plan = asked(request, CATALOG, Planner()).test.limits
    except JobError as error:
        assert_names_both(error, policy.limits, request.limits, "limits")
        return
    assert not looser(policy, request.limits)
    assert all(getattr(plan, each) <= getattr(policy.limits, each) for each in LIMIT_NAMES)


# Misspelt keys


MAPS = ("hosts", "calls", "groups", "answers")
FILES = {file.name: file.read_text() for file in sorted(folder("policies").glob("*.toml"))}
MISSPELT = [
    (name, keys)
    for name, text in FILES.items()
    for keys in lines_of(text)
    if not keys[-1].isdigit() and keys != ("extends",)
    if not (keys[0] in ("environment", *MAPS) and len(keys) == 2)
]


def changed(key: str, how: random.Random) -> str:
    """The key with a letter doubled, dropped or replaced; never a key that there is."""
    at = how.randrange(len(key))
    return how.choice([key[:at] + key[at] + key[at:], key[:at] + key[at + 1 :] or "x", key[:at] + "q" + key[at + 1 :]])


@pytest.mark.parametrize(("name", "keys"), MISSPELT, ids=lambda each: each if isinstance(each, str) else ".".join(each))
def test_every_key_that_is_misspelt_is_told_with_file_line_and_the_nearest_name(name: str, keys, tmp_path: Path):
    policies = copied(tmp_path)
    file = policies / name
    lines, line = file.read_text().splitlines(), lines_of(file.read_text())[keys]
    key = keys[-1]
    wrong = next(each for n in range(99) if (each := changed(key, random.Random(n))) != key)
    lines[line - 1] = re.sub(rf"\b{key}\b", wrong, lines[line - 1], count=1)
    file.write_text("\n".join(lines) + "\n")
    # Headers of tables inside would bring the right name back.
    file.write_text(re.sub(rf"(?m)^\[{key}\.", f"[{wrong}.", file.read_text()))
    with pytest.raises(ConfigError) as caught:
        load_policies(policies)
    assert f"unknown key {'.'.join((*keys[:-1], wrong))!r}" in str(caught.value)
    assert re.match(rf"{name}:\d+: ", str(caught.value))
    if not any(each[: len(keys)] == keys and each != keys for each in lines_of(FILES[name])):
        assert str(caught.value).startswith(f"{name}:{line}: ")
    assert f"'{key}'" in caught.value.fix


# Hashes


def spelled(value: Any, how: random.Random) -> str:
    """A value in one of the ways to write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return how.choice([str, hex, oct, bin, "{:_}".format, "+{}".format if value else str])(value)
    if isinstance(value, list):
        shuffled = how.sample(value, len(value))
        return "[" + how.choice(["", "\n  # a comment\n"]) + ", ".join(spelled(each, how) for each in shuffled) + "]"
    if "'" in value or how.random() < 0.5:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return how.choice(["'{}'", "'''{}'''"]).format(value)


def written(table: dict[str, Any], how: random.Random) -> str:
    """A policy's table as a file: keys in any order, tables as headers, dotted keys or inline, with comments."""
    head, tables = [], []
    for key, value in how.sample(sorted(table.items()), len(table)):
        comment = how.choice(["", "  # why"])
        if not isinstance(value, dict):
            head.append(f"{key} = {spelled(value, how)}{comment}")
            continue
        pairs = [(each, spelled(item, how)) for each, item in how.sample(sorted(value.items()), len(value))]
        form = how.randrange(3)
        if form == 0 and not any("\n" in text for _, text in pairs):
            head.append(f"{key} = {{ {', '.join(f'{each} = {text}' for each, text in pairs)} }}")
        elif form == 1 and pairs:
            head += [f"{key}.{each} = {text}" for each, text in pairs]
        else:
            tables.append("\n".join([f"[{key}]{comment}", *(f"{each} = {text}" for each, text in pairs)]))
    return "\n".join([*head, *tables]) + "\n"


def plain(policy: Policy) -> dict[str, Any]:
    """The effective values of a policy, as a file that extends nothing would give them."""
    found: dict[str, Any] = {}
    for each in values(policy):
        place, keys = found, each.key.split(".")
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = each.value
    return found


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("laws"))


@settings(max_examples=60, deadline=None)
@given(name=names, seed=st.integers(0, 1 << 32))
def test_neither_spelling_nor_order_nor_comments_nor_the_base_are_in_the_hash(policies: Path, name: str, seed: int):
    how = random.Random(seed)
    table = {**plain(POLICIES[name]), "description": f"of run {seed}"}
    text = written(table, how)
    assert tomllib.loads(text)
    file = policies / f"{name}.toml"
    kept = file.read_text()
    file.write_text(text)
    try:
        assert load_policies(policies)[name].hash == POLICIES[name].hash
    finally:
        file.write_text(kept)


def applying(policy: Policy) -> dict[str, Any]:
    """Its values; lists are sets of names."""
    return {each.key: {*each.value} if isinstance(each.value, list) else each.value for each in values(policy)}


def other(value: Any) -> Any:
    """A value that is not `value`, of the same type; for a choice, one of the others."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return [*value, "more"] if isinstance(value, list) else value + "x"


CHOICES = {
    "fresh": "test",
    "isolation.minimum": "CONTAINER",
    "integrity.minimum": "ISOLATED",
    "actions.audit": "all",
    "actions.egress": "example",
    "seccomp.groups": ["memory"],
}
# The first is the file's own name, the second is for people, the third needs another value beside it.
FIXED = {"name", "description", "integrity.in_process"}


@pytest.mark.parametrize("key", [each.key for each in values(POLICIES["default"]) if each.key not in FIXED])
def test_every_value_of_a_base_is_in_the_hash_of_what_extends_it_and_takes_it_over(tmp_path: Path, key: str):
    policies = copied(tmp_path)
    table = plain(POLICIES["default"])
    place, keys = table, key.split(".")
    for each in keys[:-1]:
        place = place[each]
    place[keys[-1]] = CHOICES.get(key) or other(place[keys[-1]])
    (policies / "default.toml").write_text(written(table, random.Random(1)))
    after = load_policies(policies)
    for name, policy in POLICIES.items():
        assert (policy.hash == after[name].hash) == (applying(policy) == applying(after[name])), name
    assert POLICIES["default"].hash != after["default"].hash


def test_egress_rules_are_in_the_hash_of_policies_that_name_them_and_only_there(tmp_path: Path):
    policies = copied(tmp_path)
    rules = policies / "egress" / "packages.toml"
    text = rules.read_text()
    rules.write_text("# more to read\n" + text.replace("requests = 300", "requests = 3_00"))
    assert load_policies(policies)["agent"].hash == POLICIES["agent"].hash
    rules.write_text(text.replace("requests = 300", "requests = 301"))
    after = load_policies(policies)
    assert {name for name in POLICIES if after[name].hash != POLICIES[name].hash} == {"agent"}
    # The first call that fits decides: here the order is what it says.
    first, second = text.index("[calls.index]"), text.index("[calls.files]")
    rules.write_text(text[:first] + text[second:] + "\n" + text[first:second])
    assert load_policies(policies)["agent"].hash != POLICIES["agent"].hash


def test_all_that_a_policy_can_say_has_a_place_in_these_laws():
    assert set(PolicyTable.model_fields) == {each.key.partition(".")[0] for each in values(POLICIES["default"])}

"""Which actions stand on which."""

from __future__ import annotations

import pytest

from sandbox.model.effects import Class, Effect
from sandbox.undo.history import Written, later_writers

DIR = {"kind": "dir", "mode": 0o755, "uid": 0, "gid": 0, "mtime_ns": 1}


def effect(resource: str, op: str = "modify", pre: object = None, post: object = None) -> Effect:
    return Effect(resource, op, pre, post, Class.REVERSIBLE)


def written(action: str, *effects: Effect) -> Written:
    return Written(action, effects)


CASES = {
    "the same file": ([effect("files:a")], [effect("files:a")], True),
    "another file": ([effect("files:a")], [effect("files:b")], False),
    "a name that only starts alike": ([effect("files:dir", "create")], [effect("files:dir2/x")], False),
    "a file in a folder that was made": ([effect("files:d", "create")], [effect("files:d/x/y", "create")], True),
    "a file in a folder that was only changed": ([effect("files:d")], [effect("files:d/x", "create")], False),
    "a folder that was removed around a file": ([effect("files:d/x")], [effect("files:d", "delete")], True),
    "only the time of the same folder": (
        [effect("files:d", pre=DIR, post={**DIR, "mtime_ns": 2})],
        [effect("files:d", pre=DIR, post={**DIR, "mtime_ns": 3})],
        False,
    ),
    "the mode of the same folder": (
        [effect("files:d", pre=DIR, post={**DIR, "mode": 0o700})],
        [effect("files:d", pre=DIR, post={**DIR, "mode": 0o711})],
        True,
    ),
    "a file below a folder that was moved away": (
        [effect("files:old/x")],
        [effect("files:new", "rename", pre={"path": "old"})],
        True,
    ),
    "the same row": ([effect("sqlite:a.db#t/1", "update")], [effect("sqlite:a.db#t/1", "update")], True),
    "another row": ([effect("sqlite:a.db#t/1", "update")], [effect("sqlite:a.db#t/2", "update")], False),
    "a child of a remote object that was made": (
        [effect("http:https://h/c/1", "create")],
        [effect("http:https://h/c/1/items", "create")],
        True,
    ),
}


@pytest.mark.parametrize(("first", "second", "stands"), CASES.values(), ids=CASES.keys())
def test_an_action_stands_on_an_earlier_one(first: list[Effect], second: list[Effect], stands: bool):
    history = [written("a", *first), written("b", *second)]
    assert later_writers("a", history) == (["b"] if stands else [])


def test_what_stands_on_a_later_writer_stands_on_the_action_as_well():
    history = [
        written("a", effect("files:x")),
        written("b", effect("files:x"), effect("files:y")),
        written("c", effect("files:y")),
        written("d", effect("files:z")),
    ]
    assert later_writers("a", history) == ["b", "c"]


def test_nothing_before_an_action_stands_on_it():
    assert later_writers("b", [written("a", effect("files:x")), written("b", effect("files:x"))]) == []

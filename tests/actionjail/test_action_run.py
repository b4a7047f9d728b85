"""What an action may be asked for, before anything runs."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import JobError
from sandbox.jail.actions import ActionRun
from sandbox.jail.running import open_files
from sandbox.model.limits import Limits
from sandbox.model.plan import ACTION_INIT_ID, File

LIMITS = Limits(1000, 1000, 1 << 30, 8, 1 << 20, 1 << 20, 1 << 20, 64, 1 << 20)
MAIN = (File("main.py", b""),)


def action(*argv: str, uid: int = 0, gid: int = 0, **how: Any) -> ActionRun:
    return ActionRun(argv, LIMITS, -1, uid, gid, **how)


@pytest.mark.parametrize(
    ("field", "argv", "how"),
    [
        ("argv", (), {}),
        ("argv", ("",), {}),
        ("argv", ("a\0b",), {}),
        ("argv", ("a", "\ud800"), {}),
        ("argv", ("a", "x" * (128 << 10)), {}),
        ("argv", ("a", *["x" * 100_000] * 11), {}),
        ("environment", ("a",), {"environment": {"": "x"}}),
        ("environment", ("a",), {"environment": {"A=B": "x"}}),
        ("environment", ("a",), {"environment": {"1A": "x"}}),
        ("environment", ("a",), {"environment": {"A\n": "x"}}),
        ("environment", ("a",), {"environment": {"A" * 257: "x"}}),
        ("environment", ("a",), {"environment": {"A": "x\0y"}}),
        ("environment", ("a",), {"environment": {"A": "x" * (128 << 10)}}),
        ("uid", ("a",), {"uid": -1}),
        ("uid", ("a",), {"uid": ACTION_INIT_ID}),
        ("gid", ("a",), {"gid": 1 << 31}),
        ("files", (), {"mode": "main"}),
        ("files", (), {"mode": "main", "files": (File("other.py", b""),)}),
    ],
)
def test_a_field_that_no_action_can_have_is_named(field: str, argv: tuple[str, ...], how: dict[str, Any]) -> None:
    with pytest.raises(JobError) as caught:
        action(*argv, **how)
    assert caught.value.field == field
    assert caught.value.suggestion


strings = st.binary(max_size=40).map(lambda data: data.replace(b"\0", b"").decode("utf-8", "surrogateescape"))


@given(st.lists(strings, min_size=1, max_size=5).filter(lambda argv: argv[0] != ""), strings)
def test_strings_of_any_bytes_are_taken_and_given_on_unchanged(argv: list[str], value: str) -> None:
    plan = action(*argv, environment={"A": value}).plan()
    assert plan.argv == tuple(argv)
    assert plan.environment == (("A", value),)
    fds, places = open_files(plan, collect=False, channel=None, streams=None)
    try:
        given_argv = os.pread(fds[places["command"]], 1000, 0)
        assert given_argv == b"".join(text.encode("utf-8", "surrogateescape") + b"\0" for text in argv)
    finally:
        for fd in fds:
            os.close(fd)


def test_only_an_action_with_a_way_out_is_told_of_a_proxy() -> None:
    assert action("a", certificates=b"PEM").plan().environment == ()
    environment = dict(action("a", certificates=b"PEM", on_listener=lambda _: None).plan().environment)
    assert environment["HTTPS_PROXY"] == environment["http_proxy"] == "http://127.0.0.1:3128"
    assert environment["no_proxy"] == ""
    assert environment["SSL_CERT_FILE"] == environment["REQUESTS_CA_BUNDLE"] == environment["CURL_CA_BUNDLE"]


def test_what_the_caller_sets_wins_over_what_the_way_out_sets() -> None:
    told = action("a", environment={"no_proxy": "localhost"}, on_listener=lambda _: None).plan()
    assert dict(told.environment)["no_proxy"] == "localhost"

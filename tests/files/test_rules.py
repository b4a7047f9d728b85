"""Rules of a policy on changes, and the roots over them: pure functions."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.effects.branches.collected import Rules, collected, refused, since
from sandbox.effects.branches.digest import canonical, root_of
from sandbox.effects.files.entry import Change, Entry
from tests.files.test_effects import entries, files, names

FILE = Entry("file", 0o644, 0, 0, 1, size=10, content="aa")
FOLDER = Entry("dir", 0o755, 0, 0, 1)
ALL = Rules(("**",), (), 1 << 30, 1_000)


def made(*paths: bytes) -> list[Change]:
    return [Change(path, None, FILE) for path in paths]


@pytest.mark.parametrize(
    ("allow", "deny", "path", "told"),
    [
        ("**", "", b"a/b/c", None),
        ("src/**", "", b"src/a/b", None),
        ("src/**", "", b"srcs/a", "allow: files:srcs/a is in none of them"),
        ("src/**", "", b"src", None),
        ("a/**/z", "", b"a/b/c/z", None),
        ("a/**/z", "", b"a/z", None),
        ("a/**/z", "", b"a/z/y", "allow: files:a/z/y is in none of them"),
        ("**", "**/build/**", b"x/build/y", "deny '**/build/**': files:x/build/y"),
        ("**", "**", b"", "deny '**': files:"),
        ("src/*", "", b"src/a/b", "allow: files:src/a/b is in none of them"),
        ("*.py", "", b"deep/down/x.py", None),
        ("*.py", "", b"x.pyc", "allow: files:x.pyc is in none of them"),
        ("**", ".git", b"sub/.git/hooks/post-commit", "deny '.git': files:sub/.git/hooks/post-commit"),
        ("**", "secret/*", b"secret/key/part", "deny 'secret/*': files:secret/key/part"),
        ("**", "*.pem", b"new\nline.pem", "deny '*.pem': files:new\nline.pem"),
        ("**", "?", b"\xff", None),
        ("**", "\\xff", b"\xff", "deny '\\\\xff': files:\\xff"),
        ("[a]", "", b"a", "allow: files:a is in none of them"),
        ("**/test_*", "", b"test_a", None),
    ],
)
def test_a_path_is_let_out_or_refused_by_the_name_of_the_rule(
    allow: str, deny: str, path: bytes, told: str | None
) -> None:
    rules = Rules((allow,), (deny,) if deny else (), 1 << 30, 1_000)
    assert refused(made(path), rules) == ([told] if told else [])


def test_both_paths_of_a_rename_count() -> None:
    rules = Rules(("src/**",), (), 1 << 30, 1_000)
    change = Change(b"src/a", FOLDER, FOLDER, moved_from=b"lib/a")
    assert refused([change], rules) == ["allow: files:lib/a is in none of them"]


def test_a_folder_counts_by_more_than_its_mtime_only() -> None:
    rules = Rules(("src/**",), (), 1 << 30, 1_000)
    mtime = Change(b"", FOLDER, Entry("dir", 0o755, 0, 0, 2))
    mode = Change(b"", FOLDER, Entry("dir", 0o700, 0, 0, 2))
    assert refused([mtime], rules) == []
    assert refused([mode], rules) == ["allow: files: is in none of them"]


def test_bytes_and_inodes_are_bounded_by_name() -> None:
    rules = Rules(("**",), (), 19, 1)
    assert refused(made(b"a", b"b"), rules) == ["bytes: 20 written, 19 allowed", "inodes: 2 changed, 1 allowed"]
    sparse = Change(b"s", None, Entry("file", 0, 0, 0, 0, size=1 << 40, content="bb", holes=((0, 1 << 40),)))
    assert refused([sparse], rules) == []


def test_the_root_is_that_of_rfc_6962() -> None:
    state = {b"a": FILE, b"b": None, b"c": FOLDER}
    leaf = [hashlib.sha256(b"\0" + canonical(path, state[path])).digest() for path in (b"a", b"b", b"c")]
    left = hashlib.sha256(b"\1" + leaf[0] + leaf[1]).digest()
    assert root_of(state) == hashlib.sha256(b"\1" + left + leaf[2]).hexdigest()
    assert root_of({}) == hashlib.sha256(b"").hexdigest()


@given(st.dictionaries(names, st.none() | entries | files, max_size=4), st.dictionaries(names, entries, max_size=4))
def test_two_states_have_the_same_root_only_if_they_are_the_same(
    one: dict[bytes, Entry | None], other: dict[bytes, Entry | None]
) -> None:
    assert (root_of(one) == root_of(other)) == (one == other)


def test_what_is_in_a_folder_comes_right_behind_it() -> None:
    found = collected(made(b"a-b", b"a/b", b"a", b"b", b"a.b", b"a/b/c")).changes
    assert [change.path for change in found] == [b"a", b"a/b", b"a/b/c", b"a-b", b"a.b", b"b"]


def test_a_rename_cannot_be_followed_by_a_further_collection() -> None:
    moved = collected([Change(b"n", FOLDER, FOLDER, moved_from=b"o")])
    with pytest.raises(ValueError, match="without renames"):
        since(moved, collected([]))


def test_deep_paths_cost_a_step_for_each_part() -> None:
    folders = [b"/".join([b"n" * 50] * depth) for depth in range(1, 3_000)]
    rules = Rules(("**/n*/**/*n/**/x", "**"), ("**/a/**/b/**/c", "*z"), 1 << 40, 1 << 20)
    assert refused(made(*folders), rules) == []

"""Changes as effects: what is written is read back, to the byte."""

from __future__ import annotations

import json

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from sandbox.effects.files.effects import from_effect, from_name, resource, to_effect, to_name
from sandbox.effects.files.entry import Change, Entry
from sandbox.model.effects import Effect

names = st.binary(min_size=1, max_size=40).map(lambda name: name.replace(b"\0", b"_"))
entries = st.builds(
    Entry,
    kind=st.sampled_from(["file", "file", "dir", "fifo", "socket"]),
    mode=st.integers(0, 0o7777),
    uid=st.integers(0, 65535),
    gid=st.integers(0, 65535),
    mtime_ns=st.integers(-(1 << 62), 1 << 62),
    xattrs=st.lists(st.tuples(names, st.binary(max_size=30)), max_size=3, unique_by=lambda each: each[0]).map(
        lambda found: tuple(sorted(found))
    ),
    links=st.lists(names, max_size=3, unique=True).map(lambda found: tuple(sorted(found))),
    nlink=st.integers(1, 1 << 20),
) | st.builds(
    Entry,
    kind=st.just("symlink"),
    mode=st.just(0o777),
    uid=st.just(1),
    gid=st.just(2),
    mtime_ns=st.just(3),
    target=names,
)
files = st.builds(
    Entry,
    kind=st.just("file"),
    mode=st.just(0o644),
    uid=st.just(0),
    gid=st.just(0),
    mtime_ns=st.just(0),
    size=st.integers(0, (1 << 63) - 1),
    content=st.just("ab" * 32),
    holes=st.lists(st.tuples(st.integers(0, 1 << 62), st.integers(1, 1 << 62)), max_size=3).map(tuple),
)


@given(path=names, pre=st.none() | entries | files, post=st.none() | entries | files)
def test_a_change_comes_back_from_canonical_json_as_it_was(path: bytes, pre: Entry | None, post: Entry | None) -> None:
    if pre is None and post is None:
        return
    change = Change(path, pre, post)
    text = rfc8785.dumps(to_effect(change).to_json())
    assert from_effect(Effect.from_json(json.loads(text))) == change


@given(old=names, new=names, entry=entries)
def test_a_renamed_folder_keeps_both_of_its_names(old: bytes, new: bytes, entry: Entry) -> None:
    change = Change(new, entry, entry, moved_from=old)
    assert to_effect(change).op == "rename"
    assert from_effect(to_effect(change)) == change


@given(names)
def test_a_name_of_any_bytes_comes_back(name: bytes) -> None:
    assert from_name(json.loads(json.dumps(to_name(name)))) == name


def test_a_name_that_is_no_text_can_be_read_all_the_same() -> None:
    assert resource(b"a\xff\n") == "files:a\\xff\n"


def test_the_op_says_what_happened() -> None:
    entry = Entry("file", 0o644, 0, 0, 0)
    ops = [to_effect(Change(b"a", pre, post)).op for pre, post in ((None, entry), (entry, entry), (entry, None))]
    assert ops == ["create", "modify", "delete"]

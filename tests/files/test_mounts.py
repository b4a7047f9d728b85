"""The mount calls: what the kernel says of a mistake is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.effects.branches import scratch
from sandbox.effects.branches.mounts import filesystem, readable, tmpfs
from sandbox.effects.branches.trash import emptied, throw_away
from sandbox.effects.files.read import open_beneath, read_entry
from tests.files.deep import make_deep

pytestmark = pytest.mark.jail


@pytest.mark.parametrize(
    ("kind", "settings", "told"),
    [
        ("tmpfs", {"size": "a lot"}, "size is refused: Invalid argument"),
        ("overlay", {"redirect_dir": "perhaps"}, "redirect_dir is refused"),
        ("nothing", {}, "No such device"),
    ],
)
def test_a_refusal_names_the_setting_and_gives_the_kernels_words(kind: str, settings: dict, told: str) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match=told):
        filesystem(kind, settings)
    assert len(os.listdir("/proc/self/fd")) == before


def test_an_error_of_a_file_system_has_its_own_message() -> None:
    with pytest.raises(OSError, match="lookup blockdev"):
        filesystem("ext4", {"source": "/dev/null"})


def test_a_moment_lies_between_what_was_before_and_what_is_after(tmp_path: Path) -> None:
    place = scratch.make_scratch(None, 1 << 20, 10)
    for number in range(200):
        (tmp_path / "before").write_text(str(number))
        moment = scratch.stamp(place.root)
        (tmp_path / "after").write_text(str(number))
        assert (tmp_path / "before").stat().st_ctime_ns < moment <= (tmp_path / "after").stat().st_ctime_ns
    os.close(place.root)


def test_what_is_mounted_below_a_folder_is_not_entered(tmp_path: Path) -> None:
    root = os.open("/", os.O_RDONLY)
    with pytest.raises(OSError, match="cross-device"):
        open_beneath(root, b"proc/self", os.O_RDONLY)
    alone = readable(root)
    with pytest.raises(FileNotFoundError):
        open_beneath(alone, b"proc/self", os.O_RDONLY)
    os.close(alone)
    os.close(root)


def test_a_path_longer_than_path_max_is_opened_and_a_way_up_is_refused(tmp_path: Path) -> None:
    root = os.open(tmp_path, os.O_RDONLY)
    home = os.open(".", os.O_RDONLY)
    os.fchdir(root)
    make_deep(b"n" * 250, 40)
    os.fchdir(home)
    path = b"/".join([b"n" * 250] * 40)
    fd = open_beneath(root, path, os.O_RDONLY)
    assert os.listdir(fd) == []
    with pytest.raises(OSError, match="Invalid argument"):
        open_beneath(root, path + b"/../x", os.O_RDONLY)
    for each in (fd, root, home):
        os.close(each)


def test_an_entry_that_is_not_there_is_none_and_a_device_is_refused() -> None:
    dev = os.open("/dev", os.O_RDONLY)
    assert read_entry(dev, b"no such thing") is None
    with pytest.raises(Exception, match="'null' is a device"):
        read_entry(dev, b"null")
    os.close(dev)


def test_what_is_thrown_away_is_gone_however_deep_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "thrown"
    folder.mkdir()
    home = os.open(".", os.O_RDONLY)
    os.chdir(folder)
    make_deep(b"n" * 100, 3_000)
    os.fchdir(home)
    os.close(home)
    throw_away([tmpfs(1 << 16, 10)], folder)
    assert emptied(60)
    assert not folder.exists()

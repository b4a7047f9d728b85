"""A short search of every target, and every input that broke a law once. The long search is `make fuzz`."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.laws import BrokenLaw, check
from tests.fuzz.seeds import seeds
from tests.fuzz.targets import FOUND, TARGETS, kept

SEARCH = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def inputs(draw: st.DrawFn, name: str) -> bytes:
    """A seed with a piece of it cut out, doubled, or replaced by other bytes."""
    data = draw(st.sampled_from(seeds(name)))
    at = draw(st.integers(0, len(data)))
    end = draw(st.integers(at, min(len(data), at + 8)))
    middle = draw(st.one_of(st.binary(max_size=4), st.just(data[at:end] * 2), st.sampled_from(seeds(name))))
    return data[:at] + middle + data[end:]


@pytest.mark.parametrize("name", TARGETS)
@SEARCH
@given(data=st.data())
def test_no_input_breaks_a_law(name: str, data: st.DataObject) -> None:
    check(TARGETS[name], data.draw(inputs(name)))


@pytest.mark.parametrize("name", TARGETS)
def test_no_repeated_piece_breaks_a_law(name: str) -> None:
    random = Random(name)
    for _ in range(12):
        seed = random.choice(seeds(name))
        at = random.randrange(len(seed))
        check(TARGETS[name], seed[:at] + seed[at : at + 20] * 2000 + seed[at:])


@pytest.mark.parametrize("name", TARGETS)
def test_no_seed_breaks_a_law(name: str) -> None:
    for seed in seeds(name):
        check(TARGETS[name], seed)


@pytest.mark.parametrize(("name", "path"), [(name, path) for name in TARGETS for path in kept(name)], ids=str)
def test_what_broke_a_law_once_breaks_none_now(name: str, path) -> None:
    check(TARGETS[name], path.read_bytes())


def test_every_kept_input_belongs_to_a_target() -> None:
    assert {path.name for path in FOUND.iterdir() if path.is_dir()} <= set(TARGETS)


@pytest.mark.parametrize("data", [b"", b"\xff" * 300, b"[" * 3000, b"\n" * 300])
@pytest.mark.parametrize("name", TARGETS)
def test_bytes_that_are_no_input_at_all_break_no_law(name: str, data: bytes) -> None:
    check(TARGETS[name], data)


def test_a_broken_law_is_noticed() -> None:
    answers = iter(range(2))
    with pytest.raises(BrokenLaw, match="two answers"):
        check(lambda data: next(answers), b"")
    with pytest.raises(BrokenLaw, match="MiB"):
        check(lambda data: len(b"x" * (400 << 20)), b"")
    with pytest.raises(ZeroDivisionError):
        check(lambda data: 1 / len(data), b"")

"""Verdicts can be scored again from the journal alone."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sandbox.effects.blobs import Blobs
from sandbox.journal.record import Record
from sandbox.model.status import Stage
from sandbox.reward import Outcome, Scored, scheme
from sandbox.undo.audit import rescore, verdict_body


def record(body: dict[str, object]) -> Record:
    return Record(7, 0, 0, "", "a1", "", "", "reward", body)


def results(flags: list[bool]) -> list[Scored]:
    return [
        Scored(str(number), flag, 1.0 if flag else 0.25, 1.5, "g", Stage.ACCEPTED if flag else Stage.WRONG_ANSWER)
        for number, flag in enumerate(flags)
    ]


@given(st.lists(st.booleans(), min_size=1, max_size=80))
def test_a_record_gives_what_the_verdict_itself_would_have(tmp_path_factory, flags: list[bool]):
    blobs = Blobs(tmp_path_factory.mktemp("blobs"), 1 << 20)
    try:
        scored = results(flags)
        first, second = scheme("pass_fail", {}), scheme("fraction", {})
        body = verdict_body("job", "pass_fail", {}, scored, first(Outcome.of(scored)), {"program": "x"}, blobs)
        (again,) = rescore([record(body)], second, blobs)
        assert again.after == second(Outcome.of(scored))
        assert again.before == first(Outcome.of(scored)).value
    finally:
        blobs.close()


def test_records_of_other_kinds_are_no_verdicts(tmp_path: Path):
    blobs = Blobs(tmp_path, 1 << 20)
    other = Record(0, 0, 0, "", "", "", "", "gc", {"freed": 1})
    assert list(rescore([other], scheme("fraction", {}), blobs)) == []
    blobs.close()

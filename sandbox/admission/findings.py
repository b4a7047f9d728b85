"""Vectors in, what is wrong with the problem out. Pure: no program is run here.

Each reason begins with one of these words and a colon; the first six also are flags of tests:

    gold            the right program fails a test, in some run
    flaky           a test ends differently from one run of the right program to the next
    vacuous         nobody fails a test: the right program and every weak one pass it
    unpassed        no program that was tried ever passes a test
    null, echo      the program that does nothing, or gives its input back, passes every test
    constant        a program that gives one fixed answer does
    majority        it does not, but passes a larger share than is allowed

One test that a constant was taken from is always passed by it, so a majority begins at two. What nobody can be blamed
for is a note, not a reason: `several_answers` says that more than one answer may be right, which the tests may or may
not know. That is suspected where a test lists further answers, where the right program failed by the order of its
answer alone (`reorder.py`), and where what it printed differs between runs that were accepted. A right program that
always gives the same one of many answers is not found out, nor are returned values that vary, which no verdict shows,
nor an order that comes from hashing, since every jail has the same hash seed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from sandbox.admission.vectors import Role, Vector
from sandbox.model.status import Stage

FLAGS = ("gold", "flaky", "vacuous", "unpassed", "several_answers")
_NAMED = 5
_WHOLE = {
    Role.NULL: "a program that does nothing passes every test",
    Role.ECHO: "a program that gives its input back passes every test",
}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Tests, by number, of which more than one answer may be right for reasons that no vector shows."""

    listed: frozenset[int] = frozenset()
    reordered: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found. `flags` are those of each test, in the order of `FLAGS`."""

    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    flags: tuple[tuple[str, ...], ...]


def find(names: Sequence[str], vectors: Sequence[Vector], suspicion: Suspicion, max_constant: float) -> Findings:
    """The findings over all vectors of one problem; `names` are those of its tests, `max_constant` a share."""
    gold = [vector for vector in vectors if vector.role is Role.GOLD]
    weak = [vector for vector in vectors if vector.role is not Role.GOLD]
    count = range(len(names))
    varying = {number for number in count if _varies(gold, number)}
    found: dict[str, Set[int]] = {
        "gold": {number for number in count if not _all_pass(gold, number)},
        "flaky": {number for number in count if len({vector.stages[number] for vector in gold}) > 1},
        "vacuous": {number for number in count if weak and _all_pass([*gold, *weak], number)},
        "unpassed": {number for number in count if all(v.stages[number] is not Stage.ACCEPTED for v in vectors)},
        "several_answers": suspicion.listed | suspicion.reordered | varying,
    }
    return Findings(
        reasons=(*_of_gold(names, gold, found), *_of_weak(names, weak, found["vacuous"], max_constant)),
        notes=tuple(_several(names, suspicion, varying)),
        flags=tuple(tuple(flag for flag in FLAGS if number in found[flag]) for number in count),
    )


def _of_gold(names: Sequence[str], gold: Sequence[Vector], found: Mapping[str, Set[int]]) -> Iterable[str]:
    failed = [vector for vector in gold if not vector.passed]
    if failed:
        first = next((number, stage) for number, stage in enumerate(failed[0].stages) if stage is not Stage.ACCEPTED)
        how = f"{_tests(names, found['gold'])} (at first {first[1].name} in {names[first[0]]})"
        yield f"gold: the right program fails {len(failed)} of {len(gold)} runs, in {how}"
    if found["flaky"]:
        yield f"flaky: another status from run to run of the right program, in {_tests(names, found['flaky'])}"
    if found["unpassed"]:
        yield f"unpassed: no program passes {_tests(names, found['unpassed'])}"


def _of_weak(names: Sequence[str], weak: Sequence[Vector], vacuous: Set[int], max_constant: float) -> Iterable[str]:
    for vector in weak:
        if vector.passed:
            what = _WHOLE.get(vector.role, f"a program that {vector.label} passes every test")
            yield f"{vector.role.value}: {what}"
    if vacuous:
        yield f"vacuous: nobody fails {_tests(names, vacuous)}"
    # Doing nothing is one fixed answer, too.
    fixed = [vector for vector in weak if vector.role in (Role.CONSTANT, Role.NULL) and not vector.passed]
    largest = max(fixed, key=lambda vector: vector.units[0], default=None)
    if largest is None:
        return
    passed, total = largest.units
    if passed > 1 and passed / total > max_constant:
        who = "does nothing" if largest.role is Role.NULL else largest.label
        share = f"{passed} of {total} ({passed / total:.2f}, at most {max_constant:.2f} is allowed)"
        yield f"majority: a program that {who} passes {share}"


def _several(names: Sequence[str], suspicion: Suspicion, varying: Set[int]) -> Iterable[str]:
    for numbers, why in (
        (suspicion.listed, "further answers are listed, and there may be more"),
        (suspicion.reordered, "the right program failed by the order of its answer alone"),
        (varying, "different answers of the right program were accepted"),
    ):
        if numbers:
            yield f"several_answers: {why}, in {_tests(names, numbers)}"


def _all_pass(vectors: Iterable[Vector], number: int) -> bool:
    return all(vector.stages[number] is Stage.ACCEPTED for vector in vectors)


def _varies(gold: Iterable[Vector], number: int) -> bool:
    """Whether different answers were accepted. White space makes no difference."""
    printed = {
        b" ".join(output.split())
        for vector in gold
        if vector.stages[number] is Stage.ACCEPTED and vector.outputs
        if (output := vector.outputs[number]) is not None
    }
    return len(printed) > 1


def _tests(names: Sequence[str], numbers: Iterable[int]) -> str:
    shown = [names[number] for number in sorted(numbers)]
    more = f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
    return f"test{'s' * (len(shown) > 1)} {', '.join(shown[:_NAMED])}{more}"

"""What hand-made vectors say of a problem. A letter is a test: A accepted, W wrong, R crashed, T out of time."""

from __future__ import annotations

import pytest

from sandbox.admission.findings import Findings, Suspicion, find
from sandbox.admission.vectors import Role, Vector
from sandbox.model.status import Stage

LETTERS = {"A": Stage.ACCEPTED, "W": Stage.WRONG_ANSWER, "R": Stage.RUNTIME_ERROR, "T": Stage.TIME_LIMIT}


def run(role: Role, letters: str, label: str = "", outputs: tuple[bytes | None, ...] = ()) -> Vector:
    stages = tuple(LETTERS[letter] for letter in letters)
    earned = tuple((int(stage is Stage.ACCEPTED), 1) for stage in stages)
    return Vector(role, label or role.value, stages, earned, outputs)


def gold(letters: str, *outputs: bytes | None) -> Vector:
    return run(Role.GOLD, letters, outputs=outputs)


def null(letters: str) -> Vector:
    return run(Role.NULL, letters)


def echo(letters: str) -> Vector:
    return run(Role.ECHO, letters)


def constant(letters: str, label: str = "prints 'x'") -> Vector:
    return run(Role.CONSTANT, letters, label)


def found(*vectors: Vector, suspicion: Suspicion = Suspicion(), max_constant: float = 0.2) -> Findings:  # noqa: B008
    names = [f"t{number}" for number in range(len(vectors[0].stages))]
    return find(names, vectors, suspicion, max_constant)


def words(findings: Findings) -> list[str]:
    return [reason.partition(":")[0] for reason in findings.reasons]


def flagged(findings: Findings, flag: str) -> list[int]:
    return [number for number, flags in enumerate(findings.flags) if flag in flags]


def test_nothing_is_found_where_gold_passes_and_the_weak_ones_fail():
    findings = found(gold("AAAAA"), gold("AAAAA"), null("WWWWW"), echo("WRWWW"), constant("AWWWW"))
    assert findings == Findings((), (), ((),) * 5)


@pytest.mark.parametrize("runs", [("AAA", "AAA", "AWA"), ("AWA",), ("AWA", "AWA")], ids=" ".join)
def test_one_failure_of_gold_is_a_reason(runs: tuple[str, ...]):
    findings = found(*map(gold, runs), null("WWW"))
    failed = sum("W" in letters for letters in runs)
    assert findings.reasons[0].startswith(f"gold: the right program fails {failed} of {len(runs)} runs, in test t1")
    assert "WRONG_ANSWER in t1" in findings.reasons[0]
    assert flagged(findings, "gold") == [1]


def test_a_test_that_ends_differently_is_flaky_even_if_it_never_passes():
    findings = found(gold("AWA"), gold("ARA"), gold("AWA"))
    assert "flaky: another status from run to run of the right program, in test t1" in findings.reasons
    assert flagged(findings, "flaky") == [1]
    assert flagged(found(gold("AW"), gold("AW")), "flaky") == []


def test_a_test_that_everybody_passes_is_vacuous():
    findings = found(gold("AAA"), null("AWW"), echo("AWA"), constant("AWW"))
    assert findings.reasons == ("vacuous: nobody fails test t0",)
    assert flagged(findings, "vacuous") == [0]


def test_a_test_that_gold_fails_is_not_called_vacuous():
    assert flagged(found(gold("WA"), null("AW"), echo("AW")), "vacuous") == []


def test_without_weak_programs_no_test_is_called_vacuous():
    assert found(gold("AA")).reasons == ()


def test_a_test_that_nobody_passes_is_named():
    findings = found(gold("AW"), null("WW"), constant("WR"))
    assert "unpassed: no program passes test t1" in findings.reasons
    assert flagged(findings, "unpassed") == [1]
    assert flagged(found(gold("AW"), constant("WA")), "unpassed") == []


@pytest.mark.parametrize(
    ("weak", "word"),
    [(null("AA"), "null"), (echo("AA"), "echo"), (constant("AA"), "constant")],
    ids=lambda each: str(each)[:8],
)
def test_a_weak_program_that_passes_all_is_a_reason(weak: Vector, word: str):
    findings = found(gold("AA"), weak, run(Role.ECHO, "WW", "another"))
    assert words(findings) == [word]


def test_a_constant_is_named_by_what_it_says():
    assert found(gold("AA"), constant("AA", "prints '7'"), null("WW")).reasons == (
        "constant: a program that prints '7' passes every test",
    )


@pytest.mark.parametrize(
    ("letters", "share", "told"),
    [
        ("AAWWWWWWWW", 0.2, False),
        ("AAAWWWWWWW", 0.2, True),
        ("AAAWWWWWWW", 0.3, False),
        ("AWW", 0.2, False),
        ("AW", 0.0, False),
        ("AAW", 0.2, True),
        ("WWWWW", 0.0, False),
    ],
)
def test_a_constant_may_pass_its_own_test_and_up_to_the_share_of_all(letters: str, share: float, told: bool):
    findings = found(gold("A" * len(letters)), constant(letters), echo("W" * len(letters)), max_constant=share)
    assert words(findings) == ["majority"] * told


def test_the_largest_of_the_constants_counts_and_saying_nothing_is_one():
    findings = found(gold("AAAA"), constant("AAWW", "prints '1'"), null("WAAA"), echo("WWWW"))
    assert findings.reasons == ("majority: a program that does nothing passes 3 of 4 (0.75, at most 0.20 is allowed)",)


def test_an_echo_is_no_constant():
    assert found(gold("AAAA"), echo("AAAW"), null("WWWW")).reasons == ()


def test_asserts_that_pay_each_count_each():
    paid = Vector(Role.CONSTANT, "returns True", (Stage.WRONG_ANSWER,), ((5, 10),))
    whole = Vector(Role.CONSTANT, "returns True", (Stage.WRONG_ANSWER,), ((0, 1),))
    assert words(found(gold("A"), paid)) == ["majority"]
    assert words(found(gold("A"), whole)) == []


def test_answers_that_vary_and_are_accepted_are_several():
    findings = found(gold("AA", b"1 2\n", b"x"), gold("AA", b"2 1\n", b"x\n"), null("WW"))
    assert findings.reasons == ()
    assert findings.notes == ("several_answers: different answers of the right program were accepted, in test t0",)
    assert findings.flags == (("several_answers",), ())


def test_answers_that_were_not_accepted_or_not_seen_whole_are_not_several():
    assert found(gold("A", b"1"), gold("W", b"2")).notes == ()
    assert found(gold("A", b"1"), gold("A", None)).notes == ()
    assert found(gold("A", b"1"), run(Role.CONSTANT, "A", outputs=(b"2",))).notes == ()


def test_listed_answers_and_answers_in_another_order_are_notes():
    suspicion = Suspicion(listed=frozenset({0, 2}), reordered=frozenset({1}))
    findings = found(gold("AAA"), null("WWW"), suspicion=suspicion)
    assert findings.reasons == ()
    assert [note.rpartition(", in ")[2] for note in findings.notes] == ["tests t0, t2", "test t1"]
    assert flagged(findings, "several_answers") == [0, 1, 2]


def test_of_many_tests_a_few_are_named():
    findings = found(gold("W" * 9), null("A" + "W" * 8))
    assert "tests t0, t1, t2, t3, t4 and 4 more" in findings.reasons[0]

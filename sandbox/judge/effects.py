"""Tests of kind `effects`: what a program changed in its branch, against what it was to change. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sandbox.effects.files.effects import is_only_a_folders_time
from sandbox.effects.globs import matches
from sandbox.errors import JobError
from sandbox.judge.classify import classify
from sandbox.judge.judged import Judged
from sandbox.model.effects import Effect, Json
from sandbox.model.integrity import Integrity
from sandbox.model.limits import Limits
from sandbox.model.outcome import Ended, JudgeFault
from sandbox.model.plan import TestPlan
from sandbox.model.status import Stage
from sandbox.v1 import job_pb2

MAX_ASSERTIONS = 1_000
_BACKENDS = ("files:", "sqlite:", "postgres:", "http:")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Expectation:
    """One assertion, checked."""

    resource: str
    op: str
    at_least: int
    at_most: int | None
    content: str | None
    post: dict[str, Json]

    def failure(self, effects: Sequence[Effect]) -> str:
        """Why the effects are not as expected; empty when they are."""
        found = [each for each in effects if matches(self.resource, each.resource) and self.op in ("", each.op)]
        what = f"{self.resource}{f' ({self.op})' if self.op else ''}"
        if len(found) < self.at_least:
            return f"{what}: {len(found)} effects, expected at least {self.at_least}"
        if self.at_most is not None and len(found) > self.at_most:
            return f"{what}: {len(found)} effects, expected at most {self.at_most}"
        for effect in found:
            if self.content is not None and _content(effect) != self.content:
                return f"{effect.resource}: its content is another"
            after = _state(effect)
            for key, value in self.post.items():
                if not _same(after.get(key), value):
                    return f"{effect.resource}: {key} is another"
        return ""


def expectations(test: job_pb2.EffectsTest, field: str) -> list[Expectation]:
    """The assertions of a test. Raises JobError."""
    if not test.assertions and not test.nothing_else:
        raise JobError(
            f"{field}.assertions", "there are none", "add one, or nothing_else for a program that changes nothing"
        )
    if len(test.assertions) > MAX_ASSERTIONS:
        raise JobError(f"{field}.assertions", f"more than {MAX_ASSERTIONS}", "write globs in place of names")
    return [_expectation(each, f"{field}.assertions[{number}]") for number, each in enumerate(test.assertions)]


def judge_effects(
    wanted: Sequence[Expectation], nothing_else: bool, effects: Sequence[Effect]
) -> tuple[int, int, list[str]]:
    """How many checks held, of how many, and what did not."""
    failures = [failure for each in wanted if (failure := each.failure(effects))]
    total = len(wanted) + nothing_else
    if nothing_else:
        # Whoever makes a file that is named changes its folder's time.
        others = [
            effect.resource
            for effect in effects
            if not any(matches(each.resource, effect.resource) for each in wanted)
            and not (wanted and is_only_a_folders_time(effect))
        ]
        if others:
            more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
            failures.append(f"changed as well: {', '.join(others[:_SHOWN])}{more}")
    return total - len(failures), total, failures


@dataclass(frozen=True, slots=True)
class EffectsCheck:
    """One test: the program's input, and what it is to change. Nothing of the expectations enters a jail."""

    integrity: ClassVar[Integrity] = Integrity.ISOLATED

    plan: TestPlan
    limits: Limits
    wanted: tuple[Expectation, ...]
    nothing_else: bool
    databases: tuple[str, ...]
    ignore_exit_code: bool

    @property
    def total(self) -> int:
        """One for each assertion, and one where nothing else may change."""
        return len(self.wanted) + self.nothing_else

    def judge(self, ended: Ended) -> Judged:
        """Not enough to go by."""
        raise JudgeFault("a test of effects was judged without them")

    def judge_acted(self, ended: Ended, effects: Sequence[Effect], refused: Sequence[str]) -> Judged:
        """How the program ended, what the policy refused, then its effects. Raises StarvedFault."""
        found = classify(ended, self.limits, self.ignore_exit_code)
        if found is None and refused:
            found = Stage.SECURITY_VIOLATION, f"refused by the policy: {'; '.join(refused)}"
        if found is not None:
            return Judged(found[0], 0.0, self.total, 0, found[1], ended=ended)
        held, total, failures = judge_effects(self.wanted, self.nothing_else, effects)
        stage = Stage.ACCEPTED if held == total else Stage.WRONG_ANSWER
        # The score is 1 exactly when everything holds.
        return Judged(stage, held / total, total, held, "\n".join(failures), ended=ended)


def _expectation(assertion: job_pb2.EffectAssertion, field: str) -> Expectation:
    if not assertion.resource.startswith(_BACKENDS):
        raise JobError(f"{field}.resource", f"{assertion.resource!r} names no backend", "like files:out/*.txt")
    if assertion.none and (
        assertion.at_least or assertion.at_most or assertion.post_json or assertion.HasField("content")
    ):
        raise JobError(f"{field}.none", "is said together with what there should be", "give one or the other")
    if assertion.at_most and assertion.at_least > assertion.at_most:
        raise JobError(f"{field}.at_least", f"{assertion.at_least} is more than at_most", "make it smaller")
    post: Json = {}
    if assertion.post_json:
        try:
            post = json.loads(assertion.post_json)
        except (ValueError, RecursionError) as error:
            raise JobError(f"{field}.post_json", f"is no JSON: {error}", "a JSON object") from error
        if not isinstance(post, dict):
            raise JobError(f"{field}.post_json", "is no object", "a JSON object")
    content = hashlib.sha256(assertion.content.encode()).hexdigest() if assertion.HasField("content") else None
    if assertion.none:
        return Expectation(assertion.resource, assertion.op, 0, 0, None, {})
    least = assertion.at_least or (0 if assertion.at_most else 1)
    return Expectation(assertion.resource, assertion.op, least, assertion.at_most or None, content, post)


def _state(effect: Effect) -> dict[str, Json]:
    """The resource afterwards: a file's entry, a row's columns."""
    post = effect.post if isinstance(effect.post, dict) else {}
    return {**post["key"], **post["row"]} if "row" in post and "key" in post else post


def _content(effect: Effect) -> str | None:
    found = effect.post.get("content") if isinstance(effect.post, dict) else None
    return found if isinstance(found, str) else None


def _same(found: Json, wanted: Json) -> bool:
    """JSON's own equality: true is not 1."""
    return (type(found) is type(wanted) and found == wanted) or (
        isinstance(found, (int, float))
        and isinstance(wanted, (int, float))
        and not isinstance(found, bool)
        and not isinstance(wanted, bool)
        and found == wanted
    )

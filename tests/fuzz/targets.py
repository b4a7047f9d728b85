"""Everything that reads bytes from a jail, each as a target: a function of bytes that raises where a law is broken."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.fuzz import of_helpers, of_messages, of_texts, of_values
from tests.fuzz.laws import Target

# Inputs that broke a law once, by target; they are replayed by every run of the tests.
FOUND = Path(__file__).parent / "found"

TARGETS: Mapping[str, Target] = {
    target.__name__: target
    for target in (
        of_messages.init_messages,
        of_messages.frames_read,
        of_messages.candidate_answers,
        of_messages.split_reports,
        of_helpers.suite_results,
        of_helpers.helper_decisions,
        of_values.claims,
        of_values.plain_values,
        of_values.value_comparators,
        of_values.call_tests,
        of_values.lifted_asserts,
        of_texts.text_comparators,
        of_texts.stdio_tests,
        of_texts.compile_checks,
        of_texts.builds,
        of_texts.answer_texts,
    )
}


def kept(name: str) -> list[Path]:
    """The inputs that broke a law of that target once."""
    return sorted((FOUND / name).glob("*.bin"))

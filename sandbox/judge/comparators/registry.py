"""The comparators by name."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Protocol, Self

from .base import Comparator, ComparatorError, Comparison
from .compat import RULES, Emulator
from .floats import Floats
from .integers import Bigint, Ints, YesNo
from .lcb import Lcb, LcbTolerant
from .lines import Lines
from .params import Params, nearest
from .partial import LineFraction, LinePoints, PrefixFraction, TokenFraction
from .tokens import BoolFold, Tokens, TokensLines, TokensSeparatorClass
from .unordered import Unordered
from .whole import Exact, ExactTrimNewlines, SpaceExact, Strip
from .wrappers import AnyOf, Cases

DEFAULT = "lines"


class FromParams(Protocol):
    """A comparator that can be built from its parameters."""

    @classmethod
    def from_params(cls, params: Params) -> Self:
        """Read the parameters."""

    def __call__(self, actual: bytes, expected: bytes) -> Comparison:
        """Compare."""


COMPARATORS: Mapping[str, type[FromParams]] = {
    "lines": Lines,
    "exact": Exact,
    "exact_trim_nl": ExactTrimNewlines,
    "strip": Strip,
    "space_exact": SpaceExact,
    "tokens": Tokens,
    "tokens_lines": TokensLines,
    "tokens_sepclass": TokensSeparatorClass,
    "bool_fold": BoolFold,
    "floats": Floats,
    "ints": Ints,
    "bigint": Bigint,
    "yesno": YesNo,
    "unordered": Unordered,
    "cases": Cases,
    "any_of": AnyOf,
    "line_fraction": LineFraction,
    "line_points": LinePoints,
    "prefix_fraction": PrefixFraction,
    "token_fraction": TokenFraction,
    "lcb": Lcb,
    "lcb_tol": LcbTolerant,
}


def text_comparator(name: str, params: Mapping[str, object] = {}, *, allow_unsafe: bool = False) -> Comparator:
    """Build the comparator of that name ("" means `lines`) with its parameters, or raise ComparatorError."""

    def build(name: str, params: Params) -> Comparator:
        comparator = _make(name or DEFAULT, params, allow_unsafe)
        params.finish()
        return comparator

    return build(name, Params(params, build))


def text_comparator_names() -> Mapping[str, str]:
    """Describe every comparator in one line, unsafe ones at the end."""
    return {name: _summary(item) for name, item in (*COMPARATORS.items(), *RULES.items())}


def _make(name: str, params: Params, allow_unsafe: bool) -> Comparator:
    if kind := COMPARATORS.get(name):
        return kind.from_params(params)
    field = f"{params.field}.name"
    rule = RULES.get(name)
    if rule is None:
        known = (*COMPARATORS, *RULES) if allow_unsafe else tuple(COMPARATORS)
        raise ComparatorError(field, f"there is no comparator '{name:.40}'", nearest(name, known))
    if not allow_unsafe:
        raise ComparatorError(
            field,
            f"'{name}' accepts wrong answers and is for agreement studies only",
            "use one of " + ", ".join(COMPARATORS) + ", or allow unsafe comparators",
        )
    return Emulator(name, rule)


def _summary(item: object) -> str:
    return (inspect.getdoc(item) or "").partition("\n")[0]

"""How near is near enough: the rule that `floats` follows, and the rules of known judges by name.

    testlib4, testlib6, testlib9   1e-4, 1e-6, 1e-9 absolute or relative, numbers only (testlib rcmp4, rcmp6, rcmp9)
    rcmp                           one number, 1.5e-6 absolute (testlib acmp, rcmp)
    rncmp                          numbers, 1.5e-5 absolute (testlib rncmp)
    kattis                         `eps` absolute or relative, any case of letters (Kattis default validator); instead
                                   of `eps`, `abs` and `rel` set its float_absolute_ and float_relative_tolerance
    dmoj                           10^-`precision` (default 6); `mode` = "default", "absolute" or "relative"; line by
                                   line without blank lines (DMOJ floats)
    nemo                           1e-6 absolute or relative, line by line (the LiveCodeBench fork of NeMo Gym)
    sf                             relative 1e-5, any case of letters (SandboxFusion)
    cc                             absolute 1e-5, any case of letters (CodeContests)
    execeval                       absolute 1e-12 (ExecEval)

The last four take over the tolerance of their source, for integers too, and none of its other habits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import nextafter

from .params import Params

_SLACK = 1e-15


@dataclass(frozen=True, slots=True)
class FloatRule:
    """What `floats` allows; a tolerance of 0 is off. The fields are explained at `Floats`."""

    abs: float = 1e-6
    rel: float = 1e-6
    ints_exact: bool = True
    nan: str = "reject"
    inf: str = "sign"
    case_fold: bool = False
    layout: str = "tokens"
    numbers_only: bool = False
    single: bool = False

    def allowed(self) -> str:
        """Tolerance in words."""
        parts = [f"{size:.6g} {name}" for size, name in ((self.abs, "absolute"), (self.rel, "relative")) if size]
        return " or ".join(parts) or "nothing"


DEFAULT = FloatRule()


def _testlib(eps: float, rel: bool = True, single: bool = False) -> FloatRule:
    slack = eps + _SLACK
    return FloatRule(
        slack, slack if rel else 0.0, ints_exact=False, nan="reject", inf="reject", numbers_only=True, single=single
    )


_TEXT = replace(DEFAULT, ints_exact=False, nan="text", inf="text")

PRESETS: Mapping[str, FloatRule] = {
    "testlib4": _testlib(1e-4),
    "testlib6": _testlib(1e-6),
    "testlib9": _testlib(1e-9),
    "rcmp": _testlib(1.5e-6, rel=False, single=True),
    "rncmp": _testlib(1.5e-5, rel=False),
    "kattis": replace(_TEXT, abs=0.0, rel=0.0, case_fold=True),
    "dmoj": replace(DEFAULT, ints_exact=False, inf="reject", layout="nonblank"),
    "nemo": replace(_TEXT, inf="sign", layout="lines"),
    "sf": replace(_TEXT, abs=nextafter(1e-15, 0), rel=nextafter(1e-5, 0), case_fold=True),
    "cc": replace(_TEXT, abs=nextafter(1e-5, 0), rel=0.0, case_fold=True),
    "execeval": replace(_TEXT, abs=1e-12, rel=0.0),
}


def rule_from_params(params: Params) -> FloatRule:
    """Read a rule: a preset or the default, changed by what is given beside it."""
    preset = params.choice("preset", "", ("", *PRESETS))
    if preset == "kattis":
        rule = _kattis(params)
    elif preset == "dmoj":
        rule = _dmoj(params)
    else:
        rule = _tolerances(params, PRESETS.get(preset, DEFAULT), preset)
    return replace(
        rule,
        ints_exact=params.flag("ints_exact", rule.ints_exact),
        nan=params.choice("nan", rule.nan, ("reject", "equal", "text")),
        inf=params.choice("inf", rule.inf, ("sign", "reject", "text")),
        case_fold=params.flag("case_fold", rule.case_fold),
        layout=params.choice("layout", rule.layout, ("tokens", "lines", "nonblank")),
        numbers_only=params.flag("numbers_only", rule.numbers_only),
        single=params.flag("single", rule.single),
    )


def _tolerances(params: Params, rule: FloatRule, preset: str) -> FloatRule:
    mode = params.choice("mode", "either", ("either", "abs", "rel"))
    given = {name for name in ("abs", "rel") if params.given(name)}
    for name, other in (("abs", "rel"), ("rel", "abs")):
        if mode == name and other in given:
            raise params.error(other, f"has no effect with mode '{mode}'", f"use mode '{other}' or 'either'")
    keep_both = preset or not given
    size = {
        "abs": params.number("abs", rule.abs if keep_both or mode == "abs" else 0.0),
        "rel": params.number("rel", rule.rel if keep_both or mode == "rel" else 0.0),
    }
    return replace(rule, abs=0.0 if mode == "rel" else size["abs"], rel=0.0 if mode == "abs" else size["rel"])


def _kattis(params: Params) -> FloatRule:
    eps = params.number("eps", 0.0)
    rule = replace(PRESETS["kattis"], abs=params.number("abs", eps), rel=params.number("rel", eps))
    if not any(params.given(name) for name in ("eps", "abs", "rel")):
        raise params.error("eps", "is required by preset 'kattis'", "give eps, or abs or rel, for example 1e-6")
    return rule


def _dmoj(params: Params) -> FloatRule:
    eps = 10.0 ** -params.integer("precision", 6, 0, 300)
    mode = params.choice("mode", "default", ("default", "absolute", "relative"))
    return replace(PRESETS["dmoj"], abs=0.0 if mode == "relative" else eps, rel=0.0 if mode == "absolute" else eps)

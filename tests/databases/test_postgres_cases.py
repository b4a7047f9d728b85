"""Every kind of table and statement in a branch: recorded, led to the live database and back, or refused by name."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from sandbox.effects.adapter import UnsupportedError
from sandbox.model.effects import Class
from tests.databases.postgres import store
from tests.databases.server import Server

pytestmark = pytest.mark.jail
CASES = tomllib.loads(Path(__file__).with_name("postgres.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_what_an_action_did_is_led_back_exactly_or_refused_by_name(name: str, postgres: Server, tmp_path: Path) -> None:
    case = CASES[name]
    with store(postgres, tmp_path, case.get("setup", "SELECT 1")) as shop:
        before = shop.dump()
        effects = shop.act(case["act"])
        assert shop.dump() == before, "a branch is nobody else's"
        assert Counter(effect.op for effect in effects) == Counter(case["ops"]), effects
        worst = max((effect.cls for effect in effects), default=Class.PURE)
        if "why" in case:
            assert worst == Class.UNKNOWN
            assert any(case["why"] in reason for effect in effects for reason in effect.residue)
            with pytest.raises(UnsupportedError):
                shop.lead(effects, "post")
            assert shop.dump() == before
            return
        assert worst == (Class[case.get("cls", "REVERSIBLE")] if effects else Class.PURE)
        after = shop.after
        for side, there in (("post", after), ("post", after), ("pre", before), ("pre", before), ("post", after)):
            shop.lead(effects, side)
            assert shop.dump() == there
            assert shop.live.verify(effects, side) == []  # type: ignore[arg-type]

"""What both databases have to do where somebody else wrote in between."""

from __future__ import annotations

import pytest

from sandbox.effects.adapter import ConflictError
from tests.databases.postgres import Store
from tests.databases.sqlite import Shop


def meets_a_conflict(shop: Shop | Store, act: str, foreign: str, facets: list[str]) -> None:
    """After `foreign`, the undo of `act` says these facets, and neither begins nor changes anything."""
    effects = shop.act(act)
    shop.lead(effects, "post")
    shop.write(foreign)
    there, written = shop.dump(), len(shop.notes.written)
    assert [difference.facet for difference in shop.live.check(effects, "pre")] == facets
    with pytest.raises(ConflictError) as raised:
        shop.lead(effects, "pre")
    assert [difference.facet for difference in raised.value.differences] == facets
    assert shop.dump() == there
    assert len(shop.notes.written) == written, "nothing was begun, and so nothing has to be recovered"

"""What records hold, as hypothesis draws it, and as an ordinary action has it."""

from __future__ import annotations

from hypothesis import strategies as st

TEXT = st.text(max_size=12)
NUMBERS = st.integers() | st.integers(-(2**54), 2**54) | st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXT
KEYS = TEXT.filter(lambda key: key != "$int")
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
BODIES = st.dictionaries(KEYS, VALUES, max_size=5)

EXECUTED = {
    "exit": 0,
    "effects": "a" * 64,
    "count": 12,
    "class": "REVERSIBLE",
    "pre_root": "b" * 64,
    "post_root": "c" * 64,
    "usage": {"cpu_ms": 12, "wall_ms": 15},
}

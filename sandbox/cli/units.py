"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Mapping

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def size_text(size: float) -> str:
    """A number of bytes."""
    unit = 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:,.0f} {_UNITS[unit]}" if size == int(size) else f"{size:,.1f} {_UNITS[unit]}"


def time_text(milliseconds: float) -> str:
    """A length of time."""
    return f"{milliseconds / 1000:g} s" if milliseconds >= 1000 else f"{milliseconds:g} ms"


def limit_text(name: str, value: int) -> str:
    """One limit, without its name."""
    if name.endswith("_ms"):
        return time_text(value)
    return size_text(value) if name.endswith("_bytes") else f"{value:,}"


def limits_text(limits: Mapping[str, int]) -> list[str]:
    """Limits, each with the name that requests use less its unit."""
    names = {name: name.removesuffix("_ms").removesuffix("_bytes").replace("_", " ") for name in limits}
    return [f"{names[name]} {limit_text(name, value)}" for name, value in limits.items()]

"""JSON merge patches, RFC 7396."""

from __future__ import annotations

from sandbox.model.effects import Json


def merge_patch(now: Json, wanted: Json) -> Json:
    """The patch that leads one JSON value to another. Raises ValueError where null is wanted: none can say that."""
    try:
        return _patch(now, wanted)
    except RecursionError as error:
        raise ValueError("the value is nested too deep") from error


def _patch(now: Json, wanted: Json) -> Json:
    if not isinstance(now, dict) or not isinstance(wanted, dict):
        if not isinstance(wanted, dict) and wanted is not None:
            return wanted
        if wanted is None:
            raise ValueError("a merge patch cannot set null")
        now = {}
    patch: dict[str, Json] = {key: None for key in now if key not in wanted}
    for key, value in wanted.items():
        if key not in now or now[key] != value or isinstance(now[key], bool) != isinstance(value, bool):
            patch[key] = _patch(now.get(key), value)
    return patch


def apply_merge(target: Json, patch: Json) -> Json:
    """What a server makes of a patch."""
    if not isinstance(patch, dict):
        return patch
    found = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = apply_merge(found.get(key), value)
    return found

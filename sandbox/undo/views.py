"""States and effects as messages of the contract."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Mapping

from sandbox.effects.files.effects import from_name
from sandbox.journal.fold import ActionState
from sandbox.model.effects import Difference, Effect
from sandbox.undo.outcome import Outcome
from sandbox.v1 import action_pb2

_MODES = {
    "hold": action_pb2.Action.HOLD,
    "commit": action_pb2.Action.COMMIT,
    "dry_run": action_pb2.Action.DRY_RUN,
}
# Lines that are read to make a diff; more would take long, and nobody reads them.
_LINES = 20_000


def action_message(state: ActionState) -> action_pb2.Action:
    """An action as it stands."""
    message = action_pb2.Action(
        id=state.action,
        status=state.status.upper() or "UNKNOWN",
        workspace=state.session,
        branch=state.planned.get("branch", ""),
        command=state.planned.get("argv", ()),
        mode=_MODES.get(state.mode, action_pb2.Action.HOLD),
        signal=state.signal or 0,
        ended_by=state.executed.get("ended_by", ""),
        effect_class=state.cls.name if state.cls is not None else "PURE",
        effects=max(0, state.count),
        residue=state.residue or state.executed.get("residue", ()),
        pre_root=state.pre_root,
        post_root=state.post_root,
        final_root=state.live_root,
        backend=state.prepared.get("backend", ""),
        limits=state.prepared.get("caps", ()),
        refused=state.denied.get("refused", ()),
        redo_of=state.of,
        redone_by=state.cited_by,
        policy_hash=state.prepared.get("policy", ""),
        principal=state.principal,
        created_ms=state.began // 1_000_000,
        expires_ms=int(state.until or 0) if state.status == "held" else 0,
        cpu_ms=state.usage.get("cpu_us", 0) / 1000,
        wall_ms=state.usage.get("wall_us", 0) / 1000,
        peak_memory_bytes=state.usage.get("peak_bytes", 0),
        error=state.error,
    )
    if state.reward is not None:
        message.rewards.append(state.reward)
    if state.exit is not None:
        message.exit_code = state.exit
    return message


# The bytes of a content, by path and digest; None where they are no longer to be had.
Contents = Callable[[bytes, str], bytes | None]


def effect_message(effect: Effect, contents: Contents, text_bytes: int) -> action_pb2.Effect:
    """An effect, with a text diff of at most `text_bytes` bytes where both sides are text."""
    message = action_pb2.Effect(
        resource=effect.resource,
        op=effect.op,
        effect_class=effect.cls.name,
        pre_json=json.dumps(effect.pre) if effect.pre is not None else "",
        post_json=json.dumps(effect.post) if effect.post is not None else "",
        residue=effect.residue,
    )
    name = _exact_name(effect)
    if name:
        message.resource_bytes = name
    if text_bytes and effect.backend == "files":
        message.text = _text_diff(effect, contents, text_bytes)
    return message


def difference_messages(differences: Iterable[Difference]) -> list[action_pb2.Difference]:
    """Conflicts, as messages."""
    return [
        action_pb2.Difference(resource=each.resource, facet=each.facet, expected=each.expected, found=each.found)
        for each in differences
    ]


def transition_message(outcome: Outcome, state: ActionState | None) -> action_pb2.TransitionResponse:
    """What became of a request to lead actions."""
    message = action_pb2.TransitionResponse(
        done=outcome.done,
        message=outcome.message,
        conflicts=difference_messages(outcome.conflicts),
        actions=outcome.actions,
        residue=outcome.residue,
    )
    if state is not None:
        message.action.CopyFrom(action_message(state))
    return message


def _exact_name(effect: Effect) -> bytes:
    """The bytes of a name that is no UTF-8; empty where the text is exact."""
    for side in (effect.post, effect.pre):
        if isinstance(side, dict) and isinstance(side.get("path"), dict):
            return from_name(side["path"])
    return b""


def _text_diff(effect: Effect, contents: Contents, most: int) -> str:
    before, after = (_lines(side, contents, most) for side in (effect.pre, effect.post))
    if before is None or after is None or before == after or len(before) + len(after) > _LINES:
        return ""
    name = effect.resource.partition(":")[2]
    found = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
    )
    return found if len(found) <= most else f"{found[:most]}\n[clipped]\n"


def _lines(side: object, contents: Contents, most: int) -> list[str] | None:
    """A file's lines; none where there is no file, None where it is no text, too large, or let go."""
    if not isinstance(side, Mapping):
        return []
    if side.get("kind") != "file" or int(side.get("size", 0)) > most or side.get("holes"):
        return [] if side.get("kind") != "file" else None
    if not side.get("size"):
        return []
    try:
        found = contents(from_name(side["path"]), str(side["content"]))
        return None if found is None else found.decode().splitlines(keepends=True)
    except UnicodeDecodeError:
        return None

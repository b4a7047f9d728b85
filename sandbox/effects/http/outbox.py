"""Irreversible calls: held while the action can still be undone, sent once at commit, dropped at undo."""

from __future__ import annotations

from typing import Literal

from sandbox.effects.http.effect import Way, request_of
from sandbox.effects.http.episode import Episode
from sandbox.effects.http.rules import Refusal
from sandbox.effects.http.steps import Landed, Step
from sandbox.effects.http.upstream import InDoubtError, NotSentError
from sandbox.effects.http.writing import StepError
from sandbox.errors import SandboxError

Fate = Literal["queued", "sending", "sent"]


class BudgetError(SandboxError):
    """More irreversible calls wait for commit than the session may still make."""

    code = "budget"


def fate(episode: Episode, landed: Landed, way: Way) -> Fate:
    """What became of a held call, by what landed and by the journal."""
    record = episode.replays.sent(way.key)
    if way.key in landed.sent or (record is not None and record["phase"] == "sent"):
        return "sent"
    return "sending" if record is not None and record["phase"] == "sending" else "queued"


def is_idempotent(episode: Episode, way: Way) -> bool:
    """Whether the server, asked twice with one key, does it once."""
    host = episode.rules.host(way.url)
    return not isinstance(host, Refusal) and host.table.idempotency


def drop(episode: Episode, step: Step, landed: Landed, *, leave_sent: bool) -> str:
    """Forgets a held call. What stays, "" if nothing does. Raises StepError for one that was sent."""
    if fate(episode, landed, step.way) == "queued":
        episode.note("effect", {"phase": "dropped", "key": step.way.key}, durable=True)
        return ""
    if not leave_sent:
        raise StepError(f"{step.resource}: it was sent", why="it is irreversible")
    return f"{step.resource}: was sent and stays"


def release(episode: Episode, step: Step, landed: Landed) -> bool:
    """Sends a held call, once. False: it had been sent before. Raises StepError, OSError of the journal."""
    way, key = step.way, step.way.key
    before = fate(episode, landed, way)
    if before == "sent":
        return False
    idempotent = is_idempotent(episode, way)
    if before == "sending" and not idempotent:
        raise StepError(f"{step.resource}: it may have been sent", why="the server does not honour Idempotency-Key")
    found = episode.rules.match(call := request_of(way, episode.blobs))
    if isinstance(found, Refusal):
        raise StepError(f"{step.resource}: not sent", why=f"{found.why}; missing: {found.missing}")
    host, _, rule = found
    episode.note("effect", {"phase": "sending", "key": key, "rule": rule.host}, durable=True)
    try:
        response = episode.upstream.insist(call) if idempotent else episode.upstream.send(call)
    except NotSentError as error:
        episode.note("effect", {"phase": "not_sent", "key": key, "why": error.why}, durable=True)
        raise StepError(f"{step.resource}: not sent", why=error.why) from error
    except InDoubtError as error:
        raise StepError(f"{step.resource}: sent, and not known what became of it", why=error.why) from error
    record = episode.response(response, host)
    episode.blobs.barrier()
    if 400 <= response.status < 500:
        episode.note("effect", {"phase": "not_sent", "key": key, "response": record}, durable=True)
        raise StepError(f"{step.resource}: the server refused it", why=f"it answered {response.status}")
    if response.status >= 500:
        raise StepError(f"{step.resource}: sent, and not known what became of it", why=f"it answered {response.status}")
    body = {"phase": "sent", "key": key, "fingerprint": way.fingerprint, "class": "IRREVERSIBLE", "response": record}
    episode.note("effect", body, durable=True)
    landed.sent.append(key)
    return True

"""Calls that were sent, or may have been, and whose answer nobody saw: what became of them is found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sandbox.effects.http.effect import make
from sandbox.effects.http.episode import Episode
from sandbox.effects.http.messages import Call, canonical_body, parse_url
from sandbox.effects.http.observe import LookError, State, same
from sandbox.effects.http.outcome import DoubtError, by_answer, by_looking
from sandbox.effects.http.rules import CallTable, Host, InverseTable, Refusal
from sandbox.effects.http.upstream import InDoubtError, NotSentError
from sandbox.model.effects import Class, Effect, Json


def settle(episode: Episode, intent: Mapping[str, Json]) -> Effect | None:
    """The effect of an intent (record `effect`, phase "intent") that has no "observed" beside it; None: there was none.

    A look tells it of what was looked at before. Where the server honours Idempotency-Key the same call is sent again
    with the same key, which answers what it answered then. Else the effect is UNKNOWN.
    """
    call = _call(episode, intent)
    rule, host = episode.rules.table.calls.get(intent["rule"]), episode.rules.host(call.url)
    effect = None
    if rule is None or isinstance(host, Refusal):
        effect = _unknown(call, "the rules have changed")
    elif intent["looked"]:
        effect = _looked(episode, call, host, rule, intent)
    elif host.table.idempotency:
        effect = _asked_again(episode, call, host, rule, intent)
    else:
        effect = _unknown(call, "no answer, and the server does not honour Idempotency-Key")
    episode.blobs.barrier()
    body = {"phase": "settled", "key": intent["key"], "effect": effect.to_json() if effect else None}
    episode.note("effect", body, durable=True)
    return effect


def _call(episode: Episode, intent: Mapping[str, Json]) -> Call:
    body = episode.blobs.read(intent["body"]) if intent["body"] else b""
    headers = (("content-type", intent["type"]),) if intent["type"] else ()
    call = Call(intent["method"], parse_url(intent["url"]), headers, body)
    return call.with_header("idempotency-key", intent["key"])


def _looked(episode: Episode, call: Call, host: Host, rule: CallTable, intent: Mapping[str, Json]) -> Effect | None:
    pre = State.from_json(intent["pre"]) if intent["pre"] else None
    try:
        now = episode.looks.at(call.url, rule.volatile)
    except LookError as error:
        return _unknown(call, error.why)
    if same(pre, now):
        return None
    certain = now is None if call.method == "DELETE" else now is not None and _wrote(episode, call, rule, now)
    if not certain and host.table.idempotency:
        try:
            certain = episode.upstream.insist(call).status < 300
        except (NotSentError, InDoubtError):
            certain = False
    effect = by_looking(episode, call, rule, pre, intent["key"], intent["body"])
    # Somebody else may have made the change that is seen.
    return effect if certain or effect is None else replace(effect, cls=Class.UNKNOWN)


def _wrote(episode: Episode, call: Call, rule: CallTable, now: State) -> bool:
    found = canonical_body(episode.blobs.read(now.body), rule.volatile)
    return call.method == "PUT" and canonical_body(call.body, rule.volatile) == found


def _asked_again(
    episode: Episode, call: Call, host: Host, rule: CallTable, intent: Mapping[str, Json]
) -> Effect | None:
    inverse = InverseTable.model_validate(intent["inverse"]) if intent["inverse"] else None
    try:
        response = episode.upstream.insist(call)
        return by_answer(episode, call, host, rule, inverse, response, intent["key"])
    except (NotSentError, InDoubtError, DoubtError) as error:
        return _unknown(call, str(error) or "the server fails")


def _unknown(call: Call, why: str) -> Effect:
    return make(call, "call", None, {"in_doubt": why}, Class.UNKNOWN, (), None)

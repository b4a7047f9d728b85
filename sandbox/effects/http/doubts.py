"""Calls that were sent, or may have been, and whose answer nobody saw: what became of them is found out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from sandbox.effects.http.effect import make
from sandbox.effects.http.episode import Episode
from sandbox.effects.http.merge import apply_merge
from sandbox.effects.http.messages import Call, canonical_body, parse_json, parse_url
from sandbox.effects.http.observe import LookError, State
from sandbox.effects.http.outcome import DoubtError, by_answer, by_looking
from sandbox.effects.http.rules import CallTable, Host, InverseTable, Refusal
from sandbox.effects.http.upstream import InDoubtError, NotSentError
from sandbox.model.effects import Class, Effect, Json


def settle(episode: Episode, intent: Mapping[str, Json]) -> Effect | None:
    """The effect of an intent (record `effect`, phase "intent") that has no "observed" beside it; None: there was none.

    Of what was looked at before, a look tells it, and nothing is sent. Else, where the server honours Idempotency-Key,
    the same call is sent again with the same key, which answers what it answered then. Otherwise it is UNKNOWN.
    """
    call = _call(episode, intent)
    rule, host = episode.rules.table.calls.get(intent["rule"]), episode.rules.host(call.url)
    effect = None
    if rule is None or isinstance(host, Refusal):
        effect = _unknown(call, "the rules have changed")
    elif intent["looked"]:
        effect = _looked(episode, call, rule, intent)
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


def _looked(episode: Episode, call: Call, rule: CallTable, intent: Mapping[str, Json]) -> Effect | None:
    pre = State.from_json(intent["pre"]) if intent["pre"] else None
    try:
        now = episode.looks.at(call.url, rule.volatile)
    except LookError as error:
        return _unknown(call, error.why)
    effect = by_looking(episode, call, rule, pre, intent["key"], intent["body"])
    # Somebody else may have made the change that is seen; sent again, the call would overwrite it.
    certain = effect is None or _wrote(episode, call, rule, pre, now)
    return effect if certain or effect is None else replace(effect, cls=Class.UNKNOWN)


def _wrote(episode: Episode, call: Call, rule: CallTable, pre: State | None, now: State | None) -> bool:
    """Whether what is there now is what the call would have made of what was there."""
    if call.method == "DELETE" or now is None:
        return call.method == "DELETE" and now is None
    wanted = call.body
    if call.method == "PATCH":
        if "merge-patch" not in call.header("content-type"):
            return False
        before = parse_json(episode.blobs.read(pre.body)) if pre else {}
        wanted = json.dumps(apply_merge(before, parse_json(call.body))).encode()
    return canonical_body(wanted, rule.volatile) == canonical_body(episode.blobs.read(now.body), rule.volatile)


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

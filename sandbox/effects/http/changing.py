"""Calls that change something: looked at before, written down, sent, looked at after, written down again."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from sandbox.effects.http.doubts import settle
from sandbox.effects.http.drill import drill, read_inverse
from sandbox.effects.http.effect import way_of
from sandbox.effects.http.episode import Episode, Keys, answer
from sandbox.effects.http.messages import Call, Response, fingerprint
from sandbox.effects.http.observe import LookError, State
from sandbox.effects.http.outcome import DoubtError, by_answer, by_looking, is_looked_at
from sandbox.effects.http.rules import CallTable, Host, InverseTable
from sandbox.effects.http.upstream import InDoubtError, NotSentError
from sandbox.errors import SandboxError
from sandbox.model.effects import Class, Effect, Json


class Changing:
    """One action's calls that change something, one after the other.

    `effects`: what they did, in the order in which they were answered. `doubts`: the intents of those of which it is
    not known. When a record cannot be written, nothing is sent any more.
    """

    def __init__(self, episode: Episode) -> None:
        self.effects: list[Effect] = []
        self.doubts: list[Mapping[str, Json]] = []
        self._episode = episode
        self._keys = Keys(episode.action)
        self._drilled: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()
        self._broken = False

    def seal(self) -> None:
        """Waits for the call under way; nothing is sent any more."""
        with self._lock:
            self._broken = True

    def change(self, call: Call, host: Host, name: str, rule: CallTable, own_inverse: str = "") -> Response:
        """Sends a call, or refuses it. Raises OSError, SandboxError of the journal and of the store."""
        with self._lock:
            if self._broken:
                return answer(503, "the action is over, or its journal failed: nothing is sent any more")
            try:
                return self._change(call, host, name, rule, own_inverse)
            except (OSError, SandboxError):
                self._broken = True
                raise

    def hold(self, call: Call, host: Host, name: str, rule: CallTable) -> Response:
        """Puts a call into the outbox. Raises OSError, SandboxError of the journal and of the store."""
        with self._lock:
            if self._broken:
                return answer(503, "the action is over, or its journal failed: nothing is held any more")
            return self._hold(call, host, name, rule)

    def _hold(self, call: Call, host: Host, name: str, rule: CallTable) -> Response:
        episode = self._episode
        meaning = fingerprint(call, rule.volatile)
        key = self._keys.key(meaning, call.header("idempotency-key"))
        # A retry with the program's own key is the same call.
        if not any(each.inverse and each.inverse["key"] == key for each in self.effects):
            request = episode.request(call, host, name)
            way = way_of("outbox", call, request["body"], key, rule, call.url).to_json()
            way["fingerprint"] = meaning
            effect = Effect(f"http:{call}", "send", None, {"queued": key}, Class.BUFFERED, (), way)
            episode.blobs.barrier()
            episode.note("effect", {"phase": "held", "key": key, **request, "effect": effect.to_json()}, durable=True)
            self.effects.append(effect)
            self._keys.answered(meaning)
        return answer(202, "held until commit", headers=(("sandbox-outbox", key),), outbox=key)

    def _change(self, call: Call, host: Host, name: str, rule: CallTable, own_inverse: str) -> Response:
        episode = self._episode
        inverse = None
        if own_inverse:
            try:
                inverse = self._drill(call, name, rule, own_inverse)
            except ValueError as error:
                return self._refused(call, name, 422, f"the inverse does not count: {error}")
        looked, pre, why = is_looked_at(call, rule, inverse), None, ""
        self._settle_before(call, host, looked)
        if looked:
            try:
                pre = episode.looks.at(call.url, rule.volatile)
            except LookError as error:
                looked, why = False, f"{error}: {error.why}"
        elif not inverse and not rule.inverse and not _described(call, host):
            why = "nothing is known to take it back"
        if why and rule.without_inverse == "deny":
            return self._refused(call, name, 403, why)
        if why and rule.without_inverse == "outbox":
            return self._hold(call, host, name, rule)
        return self._send(call, host, name, rule, inverse, looked, pre)

    def _settle_before(self, call: Call, host: Host, looked: bool) -> None:
        """What is in doubt is found out before anything else is changed: afterwards it could no longer be seen.

        But for an equal POST to a server that honours the key: sent again with it, that one is this one.
        """
        key = self._keys.key(fingerprint(call), call.header("idempotency-key"))
        for doubt in self.doubts:
            if doubt["key"] == key and host.table.idempotency and not looked:
                continue
            effect = settle(self._episode, doubt)
            if effect is not None:
                self.effects.append(effect)
            self._no_doubt(doubt["key"])
            if doubt["key"] == key:
                self._keys.answered(fingerprint(call))

    def _send(
        self,
        call: Call,
        host: Host,
        name: str,
        rule: CallTable,
        inverse: InverseTable | None,
        looked: bool,
        pre: State | None,
    ) -> Response:
        episode = self._episode
        meaning = fingerprint(call)
        key = self._keys.key(meaning, call.header("idempotency-key"))
        intent = {
            "phase": "intent",
            "key": key,
            **episode.request(call, host, name),
            "looked": looked,
            "pre": pre.to_json() if pre else None,
            "inverse": inverse.model_dump(by_alias=True) if inverse else None,
        }
        if intent["body"] or pre is not None:
            episode.blobs.barrier()
        episode.note("effect", intent, durable=True)
        # Whatever happens from now on, it is in doubt until it was seen. The same call again is a retry: one doubt.
        self._no_doubt(key)
        self.doubts.append(intent)
        try:
            # What the inverse is bound to has to be readable here.
            sent = call.with_header("accept-encoding", "identity").with_header("idempotency-key", key)
            response = episode.upstream.send(sent)
        except NotSentError as error:
            self._no_doubt(key)
            episode.note("effect", {"phase": "not_sent", "key": key, "why": error.why}, durable=True)
            return answer(502, f"not sent: {error.why}")
        except InDoubtError as error:
            self._doubt(key, error.why)
            return answer(504, "sent, and not known what became of it", headers=(("sandbox-in-doubt", key),))
        try:
            if looked:
                effect = by_looking(episode, call, rule, pre, key, str(intent["body"]))
            else:
                effect = by_answer(episode, call, host, rule, inverse, response, key)
        except DoubtError:
            self._doubt(key, f"it answers {response.status}")
            return response
        self._observed(key, effect, episode.response(response, host))
        if (
            effect is not None
            and effect.cls is Class.UNKNOWN
            and rule.cls != "unknown"
            and rule.without_inverse != "send"
        ):
            body = {"key": key, "predicted": Class.COMPENSATABLE.name, "observed": effect.cls.name, "post": effect.post}
            episode.note("deviation", body)
        self._keys.answered(meaning)
        return answer(502, "done, but the response is too large", rule=name) if response.truncated else response

    def _doubt(self, key: str, why: str) -> None:
        self._episode.note("effect", {"phase": "in_doubt", "key": key, "why": why}, durable=True)

    def _no_doubt(self, key: str) -> None:
        self.doubts = [each for each in self.doubts if each["key"] != key]

    def _observed(self, key: str, effect: Effect | None, response: Mapping[str, Json]) -> None:
        # In memory first: what was done counts, whether or not it can be written down.
        if effect is not None:
            self.effects.append(effect)
        self._no_doubt(key)
        # What was seen is made durable with all else when the action ends; until then the intent is enough to find out.
        body = {"phase": "observed", "key": key, "response": response, "effect": effect.to_json() if effect else None}
        self._episode.note("effect", body, durable=True)

    def _refused(self, call: Call, name: str, status: int, why: str) -> Response:
        self._episode.note("effect", {"phase": "refused", "call": str(call), "rule": name, "why": why})
        return answer(status, why, rule=name)

    def _drill(self, call: Call, name: str, rule: CallTable, text: str) -> InverseTable:
        if not rule.caller_inverse:
            raise ValueError(f"rule {name!r} takes none")
        inverse = read_inverse(text)
        key = name, inverse.model_dump_json()
        if key not in self._drilled:
            self._drilled[key] = drill(self._episode, call, rule, inverse)
        if self._drilled[key]:
            raise ValueError(self._drilled[key])
        return inverse


def _described(call: Call, host: Host) -> bool:
    found = host.openapi is not None and call.method == "POST" and host.openapi.identifier(call.url.path)
    return bool(found)

"""What becomes of a request: refused, passed, held in the outbox, or answered from what was recorded."""

from __future__ import annotations

import threading

from sandbox.effects.http.changing import Changing
from sandbox.effects.http.drill import HEADER as INVERSE
from sandbox.effects.http.episode import Episode, answer
from sandbox.effects.http.messages import SAFE, Call, Response, fingerprint, without
from sandbox.effects.http.rules import CallTable, Host, Refusal
from sandbox.effects.http.upstream import InDoubtError, NotSentError
from sandbox.model.effects import Json

FORK = "sandbox-fork"
# With them a server carries out another method than the one that was matched.
_OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
_OURS = "sandbox-"


class Gate:
    """Answers the requests of one action."""

    def __init__(self, episode: Episode) -> None:
        self.changing = Changing(episode)
        self._episode = episode
        self._count = 0
        self._lock = threading.Lock()

    def answer(self, call: Call) -> Response:
        """The response for the program. Raises OSError, SandboxError of the journal and of the store."""
        with self._lock:
            self._count += 1
            over = self._count - self._episode.requests
        if over > 0:
            why = "the action has made all the calls that it may"
            # Written down once: the journal is not to be filled by what is refused.
            return self._refused(call, 429, why) if over == 1 else answer(429, why)
        if any(name in _OVERRIDES for name, _ in call.headers):
            return self._refused(call, 403, "a header overrides the method")
        found = self._episode.rules.match(call)
        if isinstance(found, Refusal):
            return self._refused(call, 403, found.why, missing=found.missing)
        host, name, rule = found
        own = {key: value for key, value in call.headers if key.startswith(_OURS)}
        call = Call(call.method, call.url, without(call.headers, own), call.body)
        if rule.cls == "irreversible":
            return self._irreversible(call, host, name, rule, own.get(FORK, ""))
        if call.method in SAFE:
            return self._read(call, name)
        if self._episode.dry_run:
            return self._replayed(call, rule) or self._refused(call, 403, "a dry run changes nothing", rule=name)
        return self.changing.change(call, host, name, rule, own.get(INVERSE, ""))

    def _irreversible(self, call: Call, host: Host, name: str, rule: CallTable, fork: str) -> Response:
        if fork and not rule.fork:
            return self._refused(call, 403, "the rule allows no fork", rule=name)
        replayed = None if fork else self._replayed(call, rule)
        if replayed is not None:
            return replayed
        if self._episode.dry_run:
            return self._refused(call, 403, "a dry run changes nothing", rule=name)
        if fork:
            self._episode.note("effect", {"phase": "fork", "call": str(call), "of": fork[:200], "rule": name})
        return self.changing.hold(call, host, name, rule)

    def _replayed(self, call: Call, rule: CallTable) -> Response | None:
        record = self._episode.replays.undone(fingerprint(call, rule.volatile))
        if record is None:
            return None
        key = str(record["key"])
        response = self._episode.recorded(record)
        self._episode.note("effect", {"phase": "replayed", "call": str(call), "key": key})
        return Response(response.status, (*response.headers, ("sandbox-replayed", key)), response.body)

    def _read(self, call: Call, name: str) -> Response:
        try:
            response = self._episode.upstream.send(call)
        except NotSentError as error:
            response = answer(502, f"not sent: {error.why}")
        except InDoubtError as error:
            response = answer(502, f"no answer: {error.why}")
        body = {"phase": "read", "method": call.method, "url": str(call.url), "rule": name, "status": response.status}
        self._episode.note("effect", body)
        if response.truncated:
            return answer(502, "the response is larger than it may be", rule=name)
        return response

    def _refused(self, call: Call, status: int, why: str, **more: Json) -> Response:
        self._episode.note("effect", {"phase": "refused", "call": str(call), "why": why, **more})
        return answer(status, why, **more)

"""Leads one resource to a state, or takes one call back: tried again with one key, done when a look says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal

from sandbox.effects.http.binding import UnboundError, compensation
from sandbox.effects.http.effect import request_of, state_of
from sandbox.effects.http.episode import Episode
from sandbox.effects.http.merge import merge_patch
from sandbox.effects.http.messages import AddressError, Call, Headers, Response, Url, join, parse_json, parse_url
from sandbox.effects.http.observe import LookError, State, same
from sandbox.effects.http.steps import Landed, Step, standing
from sandbox.effects.http.upstream import InDoubtError, NotSentError
from sandbox.errors import SandboxError
from sandbox.model.effects import Difference, Side

ONCE = "what makes up for it is bound to the answer to the first call"


class StepError(SandboxError):
    """A step did not do what it should; the others are not touched by it."""

    code = "step"


class PreconditionError(SandboxError):
    """The server says that somebody else was there between the look and the call."""

    code = "precondition"


class Writer:
    """Takes steps of one episode. `to`: the side that they lead to."""

    def __init__(self, episode: Episode, to: Side, landed: Landed) -> None:
        self._episode, self._to, self._landed = episode, to, landed
        self.residue: list[str] = []

    def take(self, step: Step) -> bool:
        """Whether anything was done. Raises StepError, PreconditionError, OSError of the journal."""
        return self._lead(step) if step.way.form == "state" else self._call(step)

    def _lead(self, step: Step) -> bool:
        first = self._still(step)
        if first == "there":
            return False

        def act(attempt: int) -> Response:
            now = first if attempt == 1 else self._still(step)
            if now == "there":
                raise StepError(f"{step.resource}: it was not led, and then it was")
            return self._write(step, now)

        self._attempts(step, act, lambda: self._is_led(step))
        return True

    def _still(self, step: Step) -> State | Literal["there"] | None:
        """What is there to be led, as seen now. Raises PreconditionError where it is something else."""
        found, now = standing(step, self._episode.looks, self._landed)
        if isinstance(found, Difference):
            raise PreconditionError(str(found))
        return "there" if found == "there" else now

    def _is_led(self, step: Step) -> bool:
        url, goal = self._landed.url(step.way.url), state_of(step.goal)
        state = self._episode.looks.at(url, step.way.volatile)
        # What came again under a new name may show that name.
        led = state is not None if goal is not None and url != step.way.url else same(state, goal)
        if led:
            self._landed.states[str(url)] = self._to, state.to_json() if state else None
            if goal is not None and state is not None and state.etag != goal.etag:
                self.residue.append(f"{step.resource}: version")
        return led

    def _call(self, step: Step) -> bool:
        way, looks = step.way, self._episode.looks
        if way.verify is None:
            raise StepError(f"{step.resource}: nothing says how to see that it was taken back")
        verify, held = way.verify, looks.holds(way.verify)
        if self._to == "post" and held:
            raise StepError(f"{step.resource}: is not done again", why=ONCE)
        if self._to == "post" or held:
            return False
        call = compensation(way.method, way.url, way.body)
        self._attempts(step, lambda _: self._keyed(step, call), lambda: looks.holds(verify))
        return True

    def _attempts(self, step: Step, act: Callable[[int], Response], done: Callable[[], bool]) -> None:
        """Acts, and looks; once more where the answer was lost and nothing had happened."""
        key = self._key(step)
        for attempt in range(1, self._episode.rules.limits.attempts + 1):
            begin = {"key": key, "attempt": attempt, "resource": step.resource, "effect": step.index, "to": self._to}
            self._episode.note("compensate_begin", begin, durable=True)
            lost, status, why = False, 0, ""
            try:
                status = act(attempt).status
            except InDoubtError as error:
                lost, why = True, error.why
            except NotSentError as error:
                why = error.why
            try:
                ok = done()
            except LookError as error:
                ok, why = False, error.why
            self._end(key, attempt, status, "ok" if ok else "not done")
            if ok:
                # Also after 412: a call that was tried again may have met its own work.
                return
            if status == 412:
                raise PreconditionError(f"{step.resource}: it changed between the look and the call")
            if not lost:
                said = f"the server said {status}, and a look shows that it did not work" if status else why
                raise StepError(f"{step.resource}: not led to {self._to!r}", why=said)
        raise StepError(f"{step.resource}: not led to {self._to!r}", why="every answer was lost")

    def _end(self, key: str, attempt: int, status: int, result: str) -> None:
        body = {"key": key, "attempt": attempt, "response": {"status": status}, "result": result}
        self._episode.note("compensate_end", body, durable=True)

    def _write(self, step: Step, now: State | None) -> Response:
        """`now`: what was seen to be there. Raises NotSentError, InDoubtError, StepError."""
        goal, url = state_of(step.goal), self._landed.url(step.way.url)
        match: Headers = (("if-match", now.etag),) if now and now.etag and not now.etag.startswith("W/") else ()
        if goal is None:
            return self._keyed(step, Call("DELETE", url, match))
        if now is None and step.way.request["method"] == "POST" and self._to == "post":
            return self._again(step)
        data = self._episode.blobs.read(goal.body)
        type_: Headers = (("content-type", goal.type),) if goal.type else ()
        if now is None and step.way.recreate == "POST":
            parent = url.with_path(url.path.rpartition("/")[0] or "/")
            return self._moved(step, self._keyed(step, Call("POST", parent, type_, data)), parent)
        if now is not None and step.way.put_back == "PATCH":
            try:
                patch = merge_patch(parse_json(self._episode.blobs.read(now.body)), parse_json(data))
            except ValueError as error:
                raise StepError(f"{step.resource}: no merge patch leads back", why=str(error)) from error
            headers = (("content-type", "application/merge-patch+json"), *match)
            return self._keyed(step, Call("PATCH", url, headers, json.dumps(patch).encode()))
        absent: Headers = () if now else (("if-none-match", "*"),)
        return self._keyed(step, Call("PUT", url, (*type_, *match, *absent), data))

    def _again(self, step: Step) -> Response:
        """The call as it was made once, as a new one."""
        call = request_of(step.way, self._episode.blobs)
        response = self._keyed(step, call)
        return self._moved(step, response, call.url)

    def _moved(self, step: Step, response: Response, parent: Url) -> Response:
        if not 200 <= response.status < 300:
            return response
        old = self._landed.url(step.way.url)
        try:
            new = self._new_url(response, parent, old)
        except (AddressError, UnboundError) as error:
            raise StepError(f"{step.resource}: made again, and not known where", why=str(error)) from error
        if new != old:
            self._landed.moved[str(old)] = str(new)
            self.residue.append(f"{step.resource}: id, now {new}")
        return response

    @staticmethod
    def _new_url(response: Response, parent: Url, old: Url) -> Url:
        if response.header("location"):
            new = join(parent, response.header("location"))
            if not new.path.startswith(parent.path.rstrip("/") + "/"):
                raise UnboundError("Location is not below the collection")
            return new
        data = response.json()
        key = data.get("id") if isinstance(data, dict) else None
        if isinstance(key, bool) or not isinstance(key, str | int):
            raise UnboundError("the answer has neither Location nor id")
        return parse_url(str(parent)).with_path(f"{parent.path.rstrip('/')}/{str(key).replace('/', '%2F')}")

    def _keyed(self, step: Step, call: Call) -> Response:
        return self._episode.upstream.insist(call.with_header("idempotency-key", self._key(step)))

    def _key(self, step: Step) -> str:
        """Another than the call's own, the same however often it is tried, and new after each undo and redo."""
        return f"{step.way.key}-{'undo' if self._to == 'pre' else 'redo'}-{self._landed.rounds}"

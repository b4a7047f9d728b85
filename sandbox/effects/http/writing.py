"""Leads one resource to a state, or takes one call back: tried again with one key, done when a look says so."""

from __future__ import annotations

import json
from collections.abc import Callable

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
        found = standing(step, self._episode.looks, self._landed)
        if found == "there":
            return False
        if isinstance(found, Difference):
            raise PreconditionError(str(found))
        url = self._landed.url(step.way.url)
        self._attempts(step, lambda: self._write(step, url), lambda: self._is_led(step))
        state = self._look(step)
        self._landed.states[str(self._landed.url(step.way.url))] = self._to, state.to_json() if state else None
        goal = state_of(step.goal)
        if goal is not None and state is not None and state.etag != goal.etag:
            self.residue.append(f"{step.resource}: version")
        return True

    def _is_led(self, step: Step) -> bool:
        state = self._look(step)
        again = str(step.way.url) in self._landed.moved
        return state is not None if again and step.goal is not None else same(state, state_of(step.goal))

    def _look(self, step: Step) -> State | None:
        return self._episode.looks.at(self._landed.url(step.way.url), step.way.volatile)

    def _call(self, step: Step) -> bool:
        way, looks = step.way, self._episode.looks
        if way.verify is None:
            raise StepError(f"{step.resource}: nothing says how to see that it was taken back")
        verify, undo = way.verify, self._to == "pre"
        if looks.holds(verify) is undo:
            return False
        if undo:
            call = compensation(way.method, way.url, way.body)
            self._attempts(step, lambda: self._keyed(step, call), lambda: looks.holds(verify))
        else:
            self._attempts(step, lambda: self._again(step), lambda: not looks.holds(verify))
        return True

    def _attempts(self, step: Step, act: Callable[[], Response], done: Callable[[], bool]) -> None:
        """Acts, and looks; once more where the answer was lost and nothing had happened."""
        key = self._key(step)
        for attempt in range(1, self._episode.rules.limits.attempts + 1):
            begin = {"key": key, "attempt": attempt, "resource": step.resource, "effect": step.index, "to": self._to}
            self._episode.note("compensate_begin", begin, durable=True)
            lost, status, why = False, 0, ""
            try:
                status = act().status
            except InDoubtError as error:
                lost, why = True, error.why
            except NotSentError as error:
                why = error.why
            if status == 412:
                self._end(key, attempt, status, "conflict")
                raise PreconditionError(f"{step.resource}: it changed between the look and the call")
            try:
                ok = done()
            except LookError as error:
                ok, why = False, error.why
            self._end(key, attempt, status, "ok" if ok else "not done")
            if ok:
                return
            if not lost:
                said = f"the server said {status}, and a look shows that it did not work" if status else why
                raise StepError(f"{step.resource}: not led to {self._to!r}", why=said)
        raise StepError(f"{step.resource}: not led to {self._to!r}", why="every answer was lost")

    def _end(self, key: str, attempt: int, status: int, result: str) -> None:
        body = {"key": key, "attempt": attempt, "response": {"status": status}, "result": result}
        self._episode.note("compensate_end", body, durable=True)

    def _write(self, step: Step, url: Url) -> Response:
        """Raises NotSentError, InDoubtError, StepError."""
        goal, now = state_of(step.goal), self._episode.looks.at(url, step.way.volatile)
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
        return self._moved(step, response, call.url) if step.way.form == "state" else response

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

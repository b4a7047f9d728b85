"""What a call that was sent did, told by what was seen afterwards."""

from __future__ import annotations

from sandbox.effects.http.binding import Bound, UnboundError, bind, bind_openapi
from sandbox.effects.http.effect import NOT_SEEN, Way, make, way_of
from sandbox.effects.http.episode import Episode
from sandbox.effects.http.merge import merge_patch
from sandbox.effects.http.messages import Call, Response, parse_json
from sandbox.effects.http.observe import LookError, State, same
from sandbox.effects.http.rules import CallTable, Host, InverseTable, Refusal
from sandbox.model.effects import Class, Effect, Json

LOOKED_AT = frozenset({"PUT", "PATCH", "DELETE"})
_FLOORS = {"auto": Class.PURE, "compensatable": Class.COMPENSATABLE, "unknown": Class.UNKNOWN}
# Redirects after which the call was not carried out, by what they mean.
_NOT_DONE = frozenset({304, 307, 308})


class DoubtError(Exception):
    """The answer does not tell whether the call was carried out."""


def is_looked_at(call: Call, rule: CallTable, inverse: InverseTable | None) -> bool:
    """Whether the effect is told by the states of the call's own address, before and after."""
    return call.method in LOOKED_AT and inverse is None and rule.inverse is None


def by_looking(episode: Episode, call: Call, rule: CallTable, pre: State | None, key: str, body: str) -> Effect | None:
    """The effect of a PUT, PATCH or DELETE whatever it was answered; None: nothing changed.

    A new version of the same is an effect: it is not to be taken for somebody else's later.
    """
    way = way_of("state", call, body, key, rule, call.url)
    before = pre.to_json() if pre else None
    op = "delete" if call.method == "DELETE" else "create" if pre is None else call.method.lower()
    try:
        post = episode.looks.at(call.url, rule.volatile)
    except LookError:
        return make(call, op, before, NOT_SEEN, Class.UNKNOWN, (), way)
    if same(pre, post) and (pre is None or post is None or pre.etag == post.etag):
        return None
    after = post.to_json() if post else None
    cls, residue = _class_of_change(episode, rule, pre, post)
    return make(call, op, before, after, max(cls, _FLOORS[rule.cls]), residue, way)


def _class_of_change(
    episode: Episode, rule: CallTable, pre: State | None, post: State | None
) -> tuple[Class, tuple[str, ...]]:
    if pre is None:
        return Class.REVERSIBLE, ()
    if post is None:
        # Whether the server lets it come again, and under the same name, is seen when it does.
        return Class.COMPENSATABLE, (("id" if rule.recreate == "POST" else "version"),)
    if rule.put_back == "PATCH":
        read = episode.blobs.read
        try:
            merge_patch(parse_json(read(post.body)), parse_json(read(pre.body)))
        except ValueError:
            return Class.UNKNOWN, ()
    return Class.RESIDUE, ("version",)


def by_answer(
    episode: Episode,
    call: Call,
    host: Host,
    rule: CallTable,
    inverse: InverseTable | None,
    response: Response,
    key: str,
) -> Effect | None:
    """The effect of any other call; None: there was none. Raises DoubtError."""
    status = response.status
    if status >= 500:
        raise DoubtError
    if status >= 400 or status in _NOT_DONE:
        return None
    body = episode.blobs.put_bytes(call.body) if call.body else ""
    try:
        if status >= 300:
            raise UnboundError(f"{status} does not tell what was done")
        if status == 202 and rule.accepted == "unknown":
            raise UnboundError("202: it is done later, if at all")
        made = (inverse or rule.inverse or InverseTable()).created
        if status not in (*made, 202):
            raise UnboundError(f"{status} does not tell that something new was made")
        bound = _bound(episode, call, host, rule, inverse, response)
    except UnboundError as error:
        return make(call, "call", None, {"status": status, "unbound": str(error)}, Class.UNKNOWN, (), None)
    if bound.method == "DELETE" and bound.verify is None and bound.body is None:
        return _created(episode, call, rule, way_of("state", call, body, key, rule, bound.url, bound))
    way = way_of("call", call, body, key, rule, bound.url, bound)
    return make(call, "call", None, {"status": status}, max(Class.COMPENSATABLE, _FLOORS[rule.cls]), ("history",), way)


def _created(episode: Episode, call: Call, rule: CallTable, way: Way) -> Effect:
    post: Json = NOT_SEEN
    try:
        state = episode.looks.at(way.url, rule.volatile)
        if state is not None:
            post = state.to_json()
    except LookError:
        pass
    cls = Class.UNKNOWN if post is NOT_SEEN else max(Class.COMPENSATABLE, _FLOORS[rule.cls])
    return make(call, "create", None, post, cls, ("id",), way)


def _bound(
    episode: Episode, call: Call, host: Host, rule: CallTable, inverse: InverseTable | None, response: Response
) -> Bound:
    if inverse is not None:
        bound = bind(inverse, call, response, "caller")
        # A program may not have done, by way of undo, what it may not do itself.
        allowed = episode.rules.match(Call(bound.method, bound.url))
        if isinstance(allowed, Refusal) or allowed[2].cls == "irreversible":
            raise UnboundError(f"the caller's inverse, {bound.method} {bound.url}, is no call that the rules allow")
        return bound
    if rule.inverse is not None:
        return bind(rule.inverse, call, response, "rule")
    found = bind_openapi(host.openapi, call, response) if host.openapi and call.method == "POST" else None
    if found is None:
        raise UnboundError("nothing is known to take it back")
    return found

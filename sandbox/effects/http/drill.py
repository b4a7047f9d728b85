"""Inverses that a program brings are tried on a canary before they count."""

from __future__ import annotations

from dataclasses import replace

from pydantic import ValidationError

from sandbox.effects.http.binding import UnboundError, bind, compensation
from sandbox.effects.http.episode import Episode
from sandbox.effects.http.messages import AddressError, Call
from sandbox.effects.http.observe import LookError, same
from sandbox.effects.http.rules import CallTable, InverseTable, Refusal
from sandbox.effects.http.upstream import InDoubtError, NotSentError

HEADER = "sandbox-inverse"
# So that the same template works on the canary and on the real thing.
_STARTS = ("{location}", "{request.path}")


def read_inverse(text: str) -> InverseTable:
    """What a program sent as its inverse. Raises ValueError, whose text is for the program."""
    try:
        table = InverseTable.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if table.within:
        raise ValueError("within: only rules may say that")
    urls = [table.url, *([table.verify.url] if table.verify else [])]
    if not all(url.startswith(_STARTS) for url in urls):
        raise ValueError(f"url: has to start with one of {', '.join(_STARTS)}")
    return table


def drill(episode: Episode, call: Call, rule: CallTable, inverse: InverseTable) -> str:
    """Does the call on the rule's canary, takes it back, and looks. "" when all is as before, or why not."""
    try:
        why = _try(episode, call, rule, inverse)
    except (AddressError, UnboundError, LookError, NotSentError, InDoubtError) as error:
        why = str(error)
    episode.note(
        "drill",
        {"kind": "http", "call": str(call), "canary": rule.canary, "inverse": inverse.model_dump(by_alias=True)}
        | {"ok": not why, "why": why},
    )
    return why


def _try(episode: Episode, call: Call, rule: CallTable, inverse: InverseTable) -> str:
    canary = replace(call, url=call.url.with_path(rule.canary))
    before = episode.looks.at(canary.url, rule.volatile)
    response = episode.upstream.send(canary)
    if not 200 <= response.status < 300:
        return f"the canary answers {response.status}"
    bound = bind(inverse, canary, response, "caller")
    if isinstance(episode.rules.match(Call(bound.method, bound.url)), Refusal):
        return f"{bound.method} {bound.url} is no call that the rules allow"
    episode.upstream.insist(compensation(bound.method, bound.url, bound.body))
    held = episode.looks.at(bound.url) is None if bound.verify is None else episode.looks.holds(bound.verify)
    if not held:
        return "the inverse changed nothing"
    return "" if same(before, episode.looks.at(canary.url, rule.volatile)) else "the canary is not as it was before"

"""Branches by name: lines of actions that see what earlier ones left, from a workspace or from each other.

They live as long as this process, in memory; what is in them and was not committed is dropped with them.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from sandbox.effects.branches.branch import Branch, Branches, open_branches
from sandbox.errors import JobError, SetupError
from sandbox.model.outcome import JailFault
from sandbox.policies import ActionsTable
from sandbox.undo.executor import Line
from sandbox.undo.roots import Workspace

_WORKSPACES = 64
MOST = 1024


@dataclass(slots=True)
class Named:
    """One branch by name, and what happened in it. `turn`: one action at a time.

    `branch`: None while it is made. `frozen`: others start from it, and so the next action needs a further one.
    """

    branch: Branch | None = None
    frozen: bool = False
    line: Line = field(default_factory=Line)
    actions: list[str] = field(default_factory=list)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    # Why nothing more can be done in it.
    spoilt: str = ""


class BranchBook:
    """All open branches of a server."""

    def __init__(self) -> None:
        self._makers: OrderedDict[tuple[int, int], Branches] = OrderedDict()
        self._named: dict[tuple[str, str], Named] = {}

    def close(self) -> None:
        """Drops every branch."""
        for named in self._named.values():
            if named.branch is not None:
                named.branch.discard()
        for maker in self._makers.values():
            maker.close()
        self._named.clear()
        self._makers.clear()

    def open(self, workspace: Workspace, rules: ActionsTable) -> Branch:
        """A branch of the workspace as it is. Raises JailFault."""
        try:
            return self._maker(workspace).open(rules.bytes, rules.inodes)
        except (OSError, SetupError) as error:
            raise JailFault(f"no branch of {workspace.name}: {error}") from error

    @asynccontextmanager
    async def use(self, workspace: Workspace, name: str, source: str, rules: ActionsTable) -> AsyncIterator[Named]:
        """The branch of that name, for one action; made where it is not there. Raises JobError, JailFault."""
        key = workspace.name, name
        named = self._named.get(key)
        if named is None:
            if len(self._named) >= MOST:
                raise JobError("branch", f"{MOST} branches are open", "discard some", reject="RESOURCE_EXHAUSTED")
            # Before anything is waited for: whoever comes meanwhile is to find this one.
            named = self._named[key] = Named()
        async with named.turn:
            _refuse_spoilt(named, name)
            if named.branch is None:
                try:
                    named.branch = await self._fork(workspace, source) if source else self.open(workspace, rules)
                except BaseException:
                    named.spoilt = "could not be made"
                    del self._named[key]
                    raise
            elif named.frozen:
                child = _child(named, name)
                # It lives on as long as something that was forked from it does.
                named.branch.discard()
                named.branch, named.line, named.frozen = child, Line(), False
            yield named

    @asynccontextmanager
    async def state_of(self, workspace: Workspace, name: str) -> AsyncIterator[Branch]:
        """A branch of the branch of that name, thrown away afterwards. Raises JobError, JailFault."""
        branch = await self._fork(workspace, name)
        try:
            yield branch
        finally:
            branch.discard()

    async def discard(self, workspace: str, name: str) -> list[str]:
        """Drops a branch, when the action that runs in it has ended. The actions that were done. Raises JobError."""
        missing = JobError(
            "branch", f"no branch is called {name!r}", "it is made by the first action in it", reject="NOT_FOUND"
        )
        named = self._named.get((workspace, name))
        if named is None:
            raise missing
        async with named.turn:
            if self._named.get((workspace, name)) is not named:
                raise missing
            del self._named[workspace, name]
            named.spoilt = "was discarded"
            if named.branch is not None:
                named.branch.discard()
            return named.actions

    def workspaces_of(self, name: str) -> list[str]:
        """Workspaces that have a branch of that name."""
        return [workspace for workspace, each in self._named if each == name]

    async def _fork(self, workspace: Workspace, source: str) -> Branch:
        parent = self._named.get((workspace.name, source))
        if parent is None or parent.branch is None:
            raise JobError(
                "branch_from",
                f"no branch is called {source!r}",
                "leave it out to start from the workspace",
                reject="NOT_FOUND",
            )
        async with parent.turn:
            # What is in a branch that the policy refused is in none that starts from it.
            _refuse_spoilt(parent, source)
            return _child(parent, source)

    def _maker(self, workspace: Workspace) -> Branches:
        status = os.fstat(workspace.fd)
        key = status.st_dev, status.st_ino
        found = self._makers.get(key)
        if found is None:
            found = self._makers[key] = open_branches(workspace.fd)
            if len(self._makers) > _WORKSPACES:
                with suppress(OSError):
                    self._makers.popitem(last=False)[1].close()
        self._makers.move_to_end(key)
        return found


def _refuse_spoilt(named: Named, name: str) -> None:
    if named.spoilt:
        raise JobError("branch", f"{name!r} {named.spoilt}", "discard it", reject="FAILED_PRECONDITION")


def _child(parent: Named, name: str) -> Branch:
    """A branch that starts from `parent`, which is frozen from now on. Raises JailFault."""
    assert parent.branch is not None
    parent.frozen = True
    try:
        (child,) = parent.branch.fork(1)
    except (OSError, SetupError) as error:
        parent.spoilt = "could not be forked"
        raise JailFault(f"branch {name!r} cannot be forked: {error}") from error
    return child

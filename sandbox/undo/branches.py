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
    """One branch by name, and what happened in it. `turn`: one action at a time."""

    branch: Branch
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
        # Branches that others were forked from: their lower layers.
        self._frozen: list[Branch] = []

    def close(self) -> None:
        """Drops every branch."""
        for named in self._named.values():
            named.branch.discard()
        for branch in self._frozen:
            branch.discard()
        for maker in self._makers.values():
            maker.close()
        self._named.clear()
        self._frozen.clear()
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
        named = self._named.get((workspace.name, name))
        if named is None:
            if len(self._named) >= MOST:
                raise JobError("branch", f"{MOST} branches are open", "discard some", reject="RESOURCE_EXHAUSTED")
            named = await self._fork(workspace, source) if source else Named(self.open(workspace, rules))
            self._named[workspace.name, name] = named
        async with named.turn:
            if named.spoilt:
                raise JobError("branch", f"{name!r} {named.spoilt}", "discard it", reject="FAILED_PRECONDITION")
            yield named

    @asynccontextmanager
    async def state_of(self, workspace: Workspace, name: str) -> AsyncIterator[Branch]:
        """A branch of the branch of that name, thrown away afterwards. Raises JobError, JailFault."""
        named = await self._fork(workspace, name)
        try:
            yield named.branch
        finally:
            named.branch.discard()

    def discard(self, workspace: str, name: str) -> list[str]:
        """Drops a branch. The actions that were done in it. Raises JobError."""
        named = self._named.pop((workspace, name), None)
        if named is None:
            raise JobError(
                "branch", f"no branch is called {name!r}", "it is made by the first action in it", reject="NOT_FOUND"
            )
        named.branch.discard()
        return named.actions

    def workspaces_of(self, name: str) -> list[str]:
        """Workspaces that have a branch of that name."""
        return [workspace for workspace, each in self._named if each == name]

    async def _fork(self, workspace: Workspace, source: str) -> Named:
        parent = self._named.get((workspace.name, source))
        if parent is None:
            raise JobError(
                "branch_from",
                f"no branch is called {source!r}",
                "leave it out to start from the workspace",
                reject="NOT_FOUND",
            )
        async with parent.turn:
            try:
                parents, child = parent.branch.fork(2)
            except OSError as error:
                raise JailFault(f"branch {source!r} cannot be forked: {error}") from error
            self._frozen.append(parent.branch)
            parent.branch, parent.line = parents, Line()
            return Named(child)

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

"""A workspace under a real server, and a look at all of it that owes nothing to the code under test."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from sandbox.v1 import action_pb2, action_pb2_grpc, job_pb2, reward_pb2_grpc, verdict_pb2

Status = action_pb2.Action.Status
Mode = action_pb2.Action.Mode
Look = dict[str, tuple[object, ...]]


def look(root: Path) -> Look:
    """Every entry below `root`, and root itself: type, mode, owner, mtime, links, xattrs, content."""
    found: Look = {}
    for folder, folders, files in os.walk(root):
        for name in (".", *folders, *files):
            if name == "." and folder != str(root):
                continue
            path = Path(folder, name)
            status = path.lstat()
            kind = stat.S_IFMT(status.st_mode)
            content: object = ""
            if kind == stat.S_IFREG:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            elif kind == stat.S_IFLNK:
                content = os.readlink(path)
            xattrs = tuple(
                (each, os.getxattr(path, each, follow_symlinks=False))
                for each in sorted(os.listxattr(path, follow_symlinks=False))
            )
            links = status.st_nlink if kind != stat.S_IFDIR else 0
            owner = status.st_uid, status.st_gid
            mode = stat.S_IMODE(status.st_mode)
            found[os.path.relpath(path, root)] = (kind, mode, owner, status.st_mtime_ns, links, xattrs, content)
    return found


@dataclass
class World:
    """A workspace, and the server that may act in it."""

    path: Path
    actions: action_pb2_grpc.ActionServiceStub
    rewards: reward_pb2_grpc.RewardServiceStub

    def run(self, script: str, **fields: object) -> action_pb2.Action:
        """A shell script as an action."""
        return self.execute(["sh", "-euc", script], **fields).action

    def execute(self, command: list[str], **fields: object) -> action_pb2.ExecuteResponse:
        request = action_pb2.ExecuteRequest(workspace=str(self.path), command=command, **fields)  # type: ignore[arg-type]
        return self.actions.Execute(request, timeout=60)

    def commit(self, action: action_pb2.Action) -> action_pb2.TransitionResponse:
        return self.actions.Commit(action_pb2.CommitRequest(id=action.id), timeout=60)

    def undo(self, action: action_pb2.Action, **fields: object) -> action_pb2.TransitionResponse:
        return self.actions.Undo(action_pb2.UndoRequest(id=action.id, **fields), timeout=60)  # type: ignore[arg-type]

    def redo(self, action: action_pb2.Action) -> action_pb2.TransitionResponse:
        return self.actions.Redo(action_pb2.RedoRequest(id=action.id), timeout=60)

    def status(self, action: action_pb2.Action) -> str:
        return Status.Name(self.actions.Get(action_pb2.GetActionRequest(id=action.id)).status)

    def effects(self, action: action_pb2.Action) -> dict[str, str]:
        found = self.actions.Diff(action_pb2.DiffRequest(id=action.id)).effects
        return {effect.resource: effect.op for effect in found}

    def score(self, source: str, *tests: job_pb2.EffectsTest, **fields: object) -> verdict_pb2.Verdict:
        request = job_pb2.ScoreRequest(
            id="job",
            program=job_pb2.Program(language="python", source=source),
            tests=[job_pb2.Test(effects=test) for test in tests],
            workspace=str(self.path),
            **fields,  # type: ignore[arg-type]
        )
        answer = self.rewards.Score(request, timeout=60)
        assert answer.WhichOneof("outcome") == "verdict", answer
        return answer.verdict

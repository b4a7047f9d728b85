"""`verify`: the journal by its own tree and signatures, and the world by looking."""

from __future__ import annotations

from sandbox.journal.journal import Journal
from sandbox.journal.verify import verify
from sandbox.undo.transitions import Transitions
from sandbox.undo.views import difference_messages
from sandbox.v1 import action_pb2


def prove(journal: Journal, transitions: Transitions, action: str, checkpoint: str) -> action_pb2.VerifyResponse:
    """Whether every record is what was appended and signed; with `action`, whether the world is where it left it.

    `checkpoint`: one that was kept elsewhere, or "". Blocking.
    """
    newest = journal.checkpoint()
    report = verify(journal.folder, checkpoint=checkpoint, vkey=journal.vkey)
    differences = transitions.verify(action) if action else []
    return action_pb2.VerifyResponse(
        ok=report.ok and not differences,
        records=report.size,
        root=report.root.hex(),
        checkpoint=newest,
        verifier_key=journal.vkey,
        problems=[f"{found.name}: {found.what}" for found in report.findings],
        differences=difference_messages(differences),
    )

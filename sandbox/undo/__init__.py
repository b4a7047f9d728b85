"""Actions: run, held, committed, undone, redone, recovered."""

from sandbox.undo.opening import open_actions

__all__ = ["open_actions"]

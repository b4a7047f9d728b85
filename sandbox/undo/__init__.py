"""Actions: run, held, committed, undone, redone, recovered."""

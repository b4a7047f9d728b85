"""Files: branches of a workspace, what changed in one, and leading the live workspace from one state to another."""

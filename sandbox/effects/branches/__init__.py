"""Branches of a workspace, and what changed in one."""

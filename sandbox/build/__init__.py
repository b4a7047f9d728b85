"""Jailed compilation: one build for each program, and a cache of what builds made."""

"""HTTP: the only way out of a jail, and what can be taken back of what went through it."""

"""The journal: append-only, tamper-evident; what the status of every action is folded from."""

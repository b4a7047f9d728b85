"""Jails: cells on nsjail, the process that starts them, the pool that hands them out. `init/` runs inside."""

"""Frozen data that the whole product speaks: limits, plans, outcomes, faults. No behaviour; imports nothing of ours."""

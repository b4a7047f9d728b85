"""Calls over HTTP: the jail's only way out, and how what was called is taken back."""

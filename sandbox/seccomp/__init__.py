"""Filters of system calls, made while planning and loaded in cells. Pure."""

"""Faults given on purpose, one at a time, and what ``check`` makes of each: ``make matrix``."""

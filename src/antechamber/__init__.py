"""Antechamber: the reverse-proxy system for live web apps."""

__version__ = "0.1.0"

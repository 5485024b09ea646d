"""Antechamber's own edge, an engine like the others: its configuration is the site file."""

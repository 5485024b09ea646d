"""Faults in the configurations that people have: files in, findings out."""

"""The hop that misbehaves on purpose, seen from both of its sides."""

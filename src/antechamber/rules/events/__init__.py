"""AC2xx: event streams."""

"""AC3xx: bodies of requests."""

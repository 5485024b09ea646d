"""AC4xx: time limits."""

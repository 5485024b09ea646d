"""AC6xx: compression and caching."""

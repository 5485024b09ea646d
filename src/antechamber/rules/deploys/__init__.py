"""AC8xx: what a change of configuration or version does to open streams."""

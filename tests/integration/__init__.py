"""Whole programs against whole programs: real apps and real proxies around the edge, as separate processes."""

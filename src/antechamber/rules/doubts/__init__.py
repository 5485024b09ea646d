"""AC9xx: why nothing could be told. Their verdict is never that a fault is there, nor that it is not."""

"""Streams and sockets on which nothing passes for minutes to an hour, through every engine: ``make soak``."""

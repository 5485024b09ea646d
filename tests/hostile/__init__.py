"""Hostile clients and faulty upstreams against a running reverse proxy.

Nothing here imports the proxy: it is judged from outside, by its bytes, as any proxy could be. ``wire`` is a
connection, ``answer`` and ``strict`` read responses leniently and requests strictly, ``corpus`` holds the request
corpus and ``faults`` the upstream faults; the tests start the real edge as a process.
"""

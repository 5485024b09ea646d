"""The reference app: OpenChamber's live surface, really working, for people who build and judge proxies.

It behaves on the wire like the app that the profile ``openchamber`` describes: the same routes, heads, heartbeats,
refusals and limits. Where it does not, ``docs/chamber-differences.md`` says so. Nothing in it is canned: events come
from a bus that everybody shares, terminals are processes on pseudo-terminals, uploads are files.
"""

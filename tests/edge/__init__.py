"""What the edge promises, on the wire: an app that the test plays, a real edge, and raw clients.

The test writes every octet of both sides itself and waits for what must come of it, so an order of events is a line of
the test and never a matter of time. ``app`` is the app's side, ``talk`` reads what arrives, ``front`` is an edge on the
test's own event loop; tests of signals, memory and standard streams start the edge as a process.
"""

"""What answers a probe on the path that it asks about: echo, stream and sink, as ASGI middleware.

:mod:`~antechamber.surface.request` is the field's grammar, for those who ask; :class:`~antechamber.surface.middleware`
puts the answers in front of an app. Off unless the operator gave a token.
"""

"""A proxy that misbehaves on purpose, so that you can see what your app, or your checks, make of it.

.. code-block:: python

    from antechamber.hop.server import hop

    async with hop(to="http://127.0.0.1:3000", faults={"hold-events": "3s"}) as url:
        ...
"""

"""A proxy that misbehaves on purpose, so that you can see what your app, or your checks, make of it.

.. code-block:: python

    async with hop(to="http://127.0.0.1:3000", faults={"hold-events": "3s"}) as url:
        ...
"""

from antechamber.hop.faults import FAULTS, Fault, Faults
from antechamber.hop.presets import PRESETS, Preset
from antechamber.hop.server import Hop, hop

__all__ = ["FAULTS", "PRESETS", "Fault", "Faults", "Hop", "Preset", "hop"]

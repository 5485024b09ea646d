"""The figures, one file per load, in the order in which they are measured and shown."""

from bench.figure import Figure
from bench.figures.echo import Echo
from bench.figures.events import Events
from bench.figures.idle import IdleEventStreams, IdleWebSockets
from bench.figures.small_get import SmallGet
from bench.figures.transfer import Download, Upload

FIGURES: tuple[Figure, ...] = (
    SmallGet(),
    Events(streams=50, rate=100),
    Events(streams=1_000, rate=10, often=3),
    Events(streams=1_000, rate=10, together=True, often=2),
    Echo(),
    IdleEventStreams(),
    IdleWebSockets(),
    Download(),
    Upload(),
)

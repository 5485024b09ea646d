"""Which proxies an answer has passed, by what they leave on it; and how sure that is.

``Via`` is written by whoever passed it on. ``Server`` may be anybody's on the way or the app's own, so what the app
says directly is left out. An error page's face is its author's. None of this is proof: any of it can be set by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from antechamber.probe.telling import author_of
from antechamber.probe.transcript import HttpTranscript

ENGINES = {
    "nginx": "nginx",
    "openresty": "npm",
    "caddy": "caddy",
    "haproxy": "haproxy",
    "cloudflare": "cloudflare",
    "traefik": "traefik",
    "envoy": "envoy",
    "apache": "apache",
}
"""The word for an engine on the command line, by the word that software uses for itself."""


@dataclass(frozen=True, slots=True)
class Software:
    """A product on the way: its name with its version, the engine it is, and by what it was recognised."""

    name: str
    engine: str
    by: str


def recognise(answers: Sequence[HttpTranscript], direct: Sequence[HttpTranscript] = ()) -> tuple[Software, ...]:
    """The products that ``answers`` have passed, each once, outermost first as far as that shows."""
    own = {word for answer in direct for word in _said(answer, b"server")}
    found = [one for answer in answers for one in _of(answer, own)]
    by_engine: dict[str, Software] = {}
    for one in found:
        by_engine.setdefault(one.engine, one)
    return tuple(by_engine.values())


def _of(answer: HttpTranscript, own: set[str]) -> Iterator[Software]:
    if answer.field(b"cf-ray") is not None:
        yield Software("Cloudflare", "cloudflare", "CF-Ray")
    for word in _said(answer, b"server"):
        if word not in own and (engine := _engine(word)):
            yield Software(word, engine, "Server")
    for entry in reversed([part for value in _said(answer, b"via") for part in value.split(",")]):
        name = entry.strip().partition(" ")[2]
        if engine := _engine(name):
            yield Software(name, engine, "Via")
    if (author := author_of(answer)) and (engine := _engine(author)):
        yield Software(author, engine, "an error page")


def _said(answer: HttpTranscript, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in answer.fields if key.lower() == name]


def _engine(word: str) -> str:
    return next((engine for known, engine in ENGINES.items() if word.lower().startswith(known)), "")

"""An haproxy.cfg as sites: each frontend that speaks HTTP, once for every host name that its conditions know."""

from __future__ import annotations

import re

from antechamber.engines.haproxy.syntax import Section, sections
from antechamber.errors import ConfigError
from antechamber.lint.haproxy.site import HAProxySite
from antechamber.lint.reading import Reading
from antechamber.lint.source import Source

_HOST = re.compile(r"hdr(?:_\w+)?\(host\)", re.IGNORECASE)


def read(source: Source) -> Reading:
    """Raises :class:`ConfigError`."""
    found = sections(source.text, source.name)
    if not found:
        raise ConfigError("no section of HAProxy is in it", place=source.name)
    backends = {one.name: one for one in found if one.kind in ("backend", "listen")}
    process = next((one for one in reversed(found) if one.kind == "global"), None)
    sites = tuple(
        HAProxySite(frontend=one, backends=backends, process=process, host=host)
        for one in found
        if one.kind in ("frontend", "listen") and _speaks_http(one)
        for host in ("", *_hosts(one))
    )
    unread = tuple(
        f"{one.place}: {one.kind} {one.name} does not speak HTTP: what it passes on was not looked at"
        for one in found
        if one.kind in ("frontend", "listen") and not _speaks_http(one)
    )
    return Reading(engine="haproxy", sites=sites, unread=unread, texts={source.name: source.text})


def _speaks_http(section: Section) -> bool:
    found = section.last("mode")
    return found is not None and found[0].words[1:2] == ("http",)


def _hosts(section: Section) -> list[str]:
    names: dict[str, None] = {}
    for line in section.lines:
        for index, word in enumerate(line.words):
            if _HOST.search(word):
                names |= {value: None for value in line.words[index + 1 :] if re.fullmatch(r"[\w-]+(\.[\w-]+)+", value)}
    return list(names)

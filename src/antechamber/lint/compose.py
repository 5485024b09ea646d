"""docker-compose.yml, as far as it carries settings of a proxy: labels of nginx-proxy, Traefik and caddy-docker-proxy.

What the labels make of a proxy is that proxy's business, which no reader here knows; so the file is read for one thing:
that nobody takes silence about it for praise.
"""

from __future__ import annotations

import re

from antechamber.lint.reading import Reading
from antechamber.lint.source import Source

_LABELS = re.compile(
    r"^\s*-?\s*[\"']?(traefik\.http\.[\w.-]+|caddy(?:[._][\w.-]+)?|VIRTUAL_(?:HOST|PORT|PATH|PROTO))\b", re.M
)


def read(source: Source) -> Reading:
    """No sites, and a remark for each place where a proxy is told something."""
    remarks = []
    for found in _LABELS.finditer(source.text):
        number = source.text.count("\n", 0, found.start()) + 1
        remarks.append(f"{source.name}:{number}: {found[1]} configures a proxy, which cannot be read from here")
    return Reading(engine="nginx", sites=(), unread=tuple(remarks), texts={source.name: source.text})

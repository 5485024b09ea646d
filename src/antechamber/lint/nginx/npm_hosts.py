"""The hosts of Nginx Proxy Manager's database as one configuration."""

from __future__ import annotations

from pathlib import Path

from antechamber.errors import ConfigError
from antechamber.lint.nginx.directives import Version
from antechamber.lint.nginx.npm_database import hosts
from antechamber.lint.nginx.read import read as read_nginx
from antechamber.lint.reading import Reading


def read(path: Path, name: str, *, version: Version | None = None) -> Reading:
    """Every host that is enabled; one whose text nginx would not read is told and left out, as NPM leaves it out.
    Raises :class:`ConfigError` for what is no such database."""
    readings: list[Reading] = []
    remarks: list[str] = []
    for host in hosts(path, name):
        remarks += host.remarks
        try:
            readings.append(read_nginx(host.source, version=version, files=host).reading)
        except ConfigError as refusal:
            remarks.append(f"{refusal.place}: {refusal.problem}: nginx would not load this host")
    return Reading(
        engine="npm",
        sites=tuple(site for one in readings for site in one.sites),
        faults=tuple(fault for one in readings for fault in one.faults),
        unread=(*remarks, *(remark for one in readings for remark in one.unread)),
        texts={name: text for one in readings for name, text in one.texts.items()},
    )

"""From sites to nginx's files.

Everything that can be said once is said at server level; a location is written only for routes whose limits differ,
because every directive in it is one that the next person must keep in step.
"""

from __future__ import annotations

from collections.abc import Sequence

from antechamber.engines.base import Engine, File, Form, Site, heading
from antechamber.engines.nginx import quoting
from antechamber.engines.nginx.servers import Server, values
from antechamber.engines.sites import settled
from antechamber.engines.templating import Filters, environment
from antechamber.engines.values import short_time

_FILTERS: Filters = {
    "time": short_time,
    "size": quoting.size,
    "path": quoting.path,
    "listen": quoting.listen,
    "location": quoting.location,
}


def rendered(engine: Engine, sites: Sequence[Site]) -> tuple[File, ...]:
    """The files in which nginx serves ``sites``, in the form that the first asks for."""
    head = heading(engine, *(site.policy for site in sites))
    said = values(settled(engine, sites))
    templates = environment("nginx", _FILTERS)

    def text(template: str, **more: Server) -> str:
        return head + templates.get_template(template).render(**said, **more)

    match sites[0].options.form:
        case Form.SNIPPET:
            servers = (File(_snippet(server.key), text("server.conf.j2", site=server)) for server in said["sites"])
            return (File("antechamber-http.conf", text("http.conf.j2")), *servers)
        case Form.SITE:
            return (File("antechamber.conf", text("site.conf.j2")),)
        case Form.WHOLE:
            return (File("nginx.conf", text("nginx.conf.j2")),)


def _snippet(key: str) -> str:
    return f"antechamber-server-{key}.conf" if key else "antechamber-server.conf"

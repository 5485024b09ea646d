"""The services of a compose file, as far as a proxy needs them: image, what is mounted where, variables, labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from antechamber.errors import ConfigError
from antechamber.lint.compose.document import Items, Node, Table, Text, document
from antechamber.lint.compose.interpolation import resolved
from antechamber.lint.source import Source
from antechamber.policy.effective import Place

_MOST_SERVICES = 500
_MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class Mount:
    """Something of a service's that stands at ``target`` in its container."""

    target: str
    place: Place
    source: str | None = None
    """A path on the host or the name of a volume; ``None`` if only the environment knows it."""
    content: Text | None = None
    """A text in the compose file itself, instead of a source."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable of the environment, or a label."""

    name: str
    value: str | None
    """``None`` if only the environment of Compose knows it."""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service."""

    name: str
    place: Place
    image: str
    """Where it is from; empty for one that is built here."""
    origin: str
    """The image, or the folder that it is built from, in words."""
    names: tuple[str, ...]
    """The host names under which other containers know it."""
    host_network: bool
    mounts: tuple[Mount, ...]
    environment: Mapping[str, Setting]
    labels: tuple[Setting, ...]
    ports: tuple[str, ...]
    """Ports on which it listens, as far as the file says so."""
    command: tuple[str, ...]
    command_place: Place

    @property
    def product(self) -> str:
        """The last part of the image's name, without its tag: ``nginx-proxy-manager``."""
        return self.image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()

    @property
    def tag(self) -> str:
        return self.image.partition("@")[0].rpartition("/")[2].partition(":")[2]


@dataclass(frozen=True, slots=True)
class Compose:
    """A compose file."""

    source: Source
    services: tuple[Service, ...]
    elsewhere: tuple[Setting, ...]
    """Other files that it takes parts from."""

    def by_host(self, host: str) -> Service | None:
        """The service that a host name leads to in the network of the others."""
        return next((one for one in self.services if host in one.names), None)


def read(source: Source) -> Compose:
    """The services of ``source``. Raises :class:`ConfigError`."""
    root = document(source.text, source.name)
    if not isinstance(root, Table):
        raise ConfigError("this is no compose file: it has no services", place=source.name)
    configs = root.table("configs")
    services: list[Service] = []
    for key, node in root.table("services").all():
        if isinstance(node, Table) and len(services) < _MOST_SERVICES:
            services.append(_service(key, node, configs))
    return Compose(source, tuple(services), tuple(_elsewhere(root)))


def _service(key: Text, table: Table, configs: Table) -> Service:
    image, build = _text(table.get("image")) or "", table.get("build")
    context = _text(build.get("context") if isinstance(build, Table) else build) or ""
    command = table.get("command") or Text("", key.place)
    names = [key.text, *(_text(table.get(one)) or "" for one in ("container_name", "hostname"))]
    for _, network in table.table("networks").all():
        names += [one.text for one in _texts(network.get("aliases") if isinstance(network, Table) else None)]
    return Service(
        name=key.text,
        place=key.place,
        image=image,
        origin=image or (f"built from {context}" if context else ""),
        names=tuple(name for name in names if name),
        host_network=_text(table.get("network_mode")) == "host",
        mounts=(*_volumes(table.get("volumes")), *_configs(table.get("configs"), configs)),
        environment={one.name: one for one in _settings(table.get("environment"))},
        labels=(*_settings(table.get("labels")), *_settings(table.table("deploy").get("labels"))),
        ports=tuple(_ports(table)),
        command=tuple(word for one in _texts(command) for word in (resolved(one.text) or "").split()),
        command_place=command.place,
    )


def _text(node: Node | None) -> str | None:
    return resolved(node.text) if isinstance(node, Text) else None


def _texts(node: Node | None) -> list[Text]:
    """The scalars of a sequence, or the one that stands instead of it."""
    if isinstance(node, Items):
        return [one for one in node.items[:_MOST_ENTRIES] if isinstance(one, Text)]
    return [node] if isinstance(node, Text) else []


def _volumes(node: Node | None) -> Iterator[Mount]:
    for one in node.items[:_MOST_ENTRIES] if isinstance(node, Items) else ():
        if isinstance(one, Table):
            target = _text(one.get("target"))
            if target and _text(one.get("type")) in (None, "bind", "volume"):
                yield Mount(target, one.place, _text(one.get("source")))
        elif isinstance(one, Text):
            source, target = _short(one.text)
            if target:
                yield Mount(resolved(target) or "", one.place, resolved(source))


def _short(text: str) -> tuple[str, str]:
    """``SOURCE:TARGET[:MODE]``, in which a colon may stand in braces."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "{") - (character == "}")
        if character == ":" and depth <= 0:
            parts.append("")
        else:
            parts[-1] += character
    return (parts[0], parts[1]) if len(parts) > 1 else ("", "")


def _configs(node: Node | None, known: Table) -> Iterator[Mount]:
    for one in node.items[:_MOST_ENTRIES] if isinstance(node, Items) else ():
        name = _text(one.get("source") if isinstance(one, Table) else one)
        entry = known.get(name or "")
        if name is None or not isinstance(entry, Table):
            continue
        target = (_text(one.get("target")) if isinstance(one, Table) else None) or f"/{name}"
        if content := entry.text("content"):
            yield Mount(target, one.place, content=content)
        else:
            yield Mount(target, one.place, _beside(_text(entry.get("file"))))


def _beside(file: str | None) -> str | None:
    """A config's file is a path in any case, where a volume's source without a dot is a name."""
    return file if file is None or file.startswith(("/", ".", "~")) else f"./{file}"


def _settings(node: Node | None) -> Iterator[Setting]:
    """``NAME: value`` or ``- NAME=value``."""
    if isinstance(node, Table):
        for name, value in node.all():
            yield Setting(name.text, _text(value), name.place)
    for one in _texts(node) if isinstance(node, Items) else ():
        text = resolved(one.text)
        key, equals, said = (one.text if text is None else text).partition("=")
        yield Setting(key, said if equals and text is not None else None, one.place)


def _ports(table: Table) -> Iterator[str]:
    for one in _texts(table.get("expose")):
        yield (resolved(one.text) or "").partition("/")[0]
    ports = table.get("ports")
    for node in ports.items[:_MOST_ENTRIES] if isinstance(ports, Items) else ():
        text = _text(node.get("target") if isinstance(node, Table) else node) or ""
        yield text.partition("/")[0].rpartition(":")[2]


def _elsewhere(root: Table) -> Iterator[Setting]:
    include = root.get("include")
    for node in include.items if isinstance(include, Items) else ():
        yield Setting("include", _text(node) or "a file", node.place)
    for name, service in root.table("services").all():
        extends = service.get("extends") if isinstance(service, Table) else None
        if isinstance(extends, Table) and (file := _text(extends.get("file"))):
            yield Setting(f"service {name.text} extends", file, extends.place)

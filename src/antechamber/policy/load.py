"""From what people wrote to a policy: flags, environment, ``antechamber.toml``, profile, defaults.

Whatever is wrong is one :class:`ConfigError` with the place and the way out; nothing is guessed and nothing is ignored.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from antechamber.errors import ConfigError
from antechamber.policy import options as opt
from antechamber.policy import time_limits
from antechamber.policy.document import Document, parse_document, read_document
from antechamber.policy.fields import LOOK_ALIKES
from antechamber.policy.layers import Layer, Setting, Settings, Written, defaults, from_environment, from_flags
from antechamber.policy.model import AccessLog, Address, Limits, Policy, Timeouts, Tls
from antechamber.policy.option import Option
from antechamber.policy.profile import Profile, from_document, read_profile
from antechamber.policy.route_table import RouteTable
from antechamber.policy.routes import settle_routes
from antechamber.policy.suggest import nearest

SITE_FILE = "antechamber.toml"

EXAMPLE = f"""\
# {SITE_FILE}
profile = "openchamber"
to = "http://127.0.0.1:3000"
listen = "127.0.0.1:8080"
public-origin = "https://chamber.example.com"
trust = "private"
"""
"""The useful minimum, as the documentation shows it."""

_PREFIX = "ANTECHAMBER_"
_OTHER_VARIABLES = (
    "ANTECHAMBER_DEBUG",
    "ANTECHAMBER_PROBE_TOKEN",
    "ANTECHAMBER_CHAMBER_PASSWORD",
    "ANTECHAMBER_APP_PASSWORD",
)

_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104  (recognised here, not bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A policy, and how it came to be."""

    policy: Policy
    settings: tuple[Setting, ...]
    site_file: Path | None
    warnings: tuple[str, ...]

    def setting(self, option: Option[object]) -> Setting | None:
        """The setting of an option, or ``None`` where nobody gave one."""
        return next((setting for setting in self.settings if setting.option is option), None)


def load(flags: Mapping[str, object], *, environment: Mapping[str, str], directory: Path, app: str = "") -> Loaded:
    """The policy that holds for a command run in ``directory`` (absolute).

    ``flags`` has option names for keys, without dashes; what was not given is absent, ``None`` or ``[]``.
    ``app`` is taken for the app's address where nobody says one: not every command needs it.
    """
    given: list[Mapping[str, Written]] = [
        from_flags(flags, base=directory),
        from_environment(environment, base=directory),
    ]
    document = _site_document(given, directory)
    return _loaded(given, document, directory, warnings=tuple(_strange_variables(environment)), app=app)


def read_site(text: str, *, name: str = SITE_FILE) -> Loaded:
    """The policy that a site file of that ``text`` makes by itself, without flags and environment; ``name`` is how
    messages call it."""
    directory = Path("/")
    return _loaded([], parse_document(text.encode(), name=name, base=directory), directory, warnings=())


def _loaded(
    given: list[Mapping[str, Written]],
    document: Document | None,
    directory: Path,
    *,
    warnings: tuple[str, ...],
    app: str = "",
) -> Loaded:
    routes = _site_routes(document) if document else ()
    if document:
        given.append(dict(from_document(document, Layer.FILE)))
    profile = _profile([*given, defaults()])
    taken = {opt.TO.name: Written(app, Layer.DEFAULT, "", directory)} if app else {}
    settings = Settings([*given, dict(from_document(profile.document, Layer.PROFILE)), defaults(), taken])
    return Loaded(
        policy=_policy(settings, profile, routes, document),
        settings=tuple(settings),
        site_file=directory / document.name if document else None,
        warnings=warnings,
    )


def _site_document(given: Sequence[Mapping[str, Written]], directory: Path) -> Document | None:
    """The site file: the one that is named, or the first one found upwards."""
    named = Settings(given, options=(opt.CONFIG,))
    path = named.get(opt.CONFIG)
    place = named.place(opt.CONFIG) if path else ""
    path = path or next((folder / SITE_FILE for folder in (directory, *directory.parents) if _is_there(folder)), None)
    return read_document(path, name=_shown(path, directory), place=place) if path else None


def _is_there(folder: Path) -> bool:
    try:
        return os.path.lexists(folder / SITE_FILE)  # a link to nowhere is to be told, not passed over
    except OSError:  # a directory above that may not be searched
        return False


def _shown(path: Path, directory: Path) -> str:
    """The path as messages show it: relative where that is shorter to read."""
    return str(path.relative_to(directory)) if path.is_relative_to(directory) else str(path)


def _profile(given: Sequence[Mapping[str, Written]]) -> Profile:
    named = Settings(given, options=(opt.PROFILE,))
    written = next(layer[opt.PROFILE.name] for layer in given if opt.PROFILE.name in layer)
    return read_profile(named.require(opt.PROFILE), base=written.base, place=named.place(opt.PROFILE))


def _site_routes(document: Document) -> tuple[RouteTable, ...]:
    from antechamber.policy.schema import site_routes  # it imports pydantic, which takes a tenth of a second

    return site_routes(document)


def _policy(settings: Settings, profile: Profile, routes: tuple[RouteTable, ...], document: Document | None) -> Policy:
    listen = settings.require(opt.LISTEN)
    upstream = _upstream(settings)
    _refuse_overlaps(listen, settings)
    _refuse_own_upstream(listen, upstream, settings)
    return Policy(
        profile=profile.name,
        app=profile.app,
        app_port=profile.port,
        listen=listen,
        upstream=upstream,
        routes=settle_routes(profile, routes, document),
        public_origin=settings.get(opt.PUBLIC_ORIGIN),
        tls=_tls(settings, document),
        trusted_proxies=settings.get(opt.TRUST) or (),
        upgrade_tokens=settings.require(opt.UPGRADE),
        untrusted_fields=LOOK_ALIKES | (settings.get(opt.UNTRUSTED_FIELDS) or frozenset()),
        secret_query_keys=settings.require(opt.SECRET_QUERY_KEYS),
        timeouts=_timeouts(settings),
        limits=_limits(settings),
        access_log=AccessLog(
            path=settings.require(opt.ACCESS_LOG),
            form=settings.require(opt.ACCESS_LOG_FORMAT),
        ),
        http2=settings.require(opt.HTTP2),
        browser_check=settings.require(opt.BROWSER_CHECK) == "on",
    )


def _timeouts(settings: Settings) -> Timeouts:
    return Timeouts(
        connect_s=settings.require(time_limits.CONNECT_TIMEOUT),
        request_head_s=settings.require(time_limits.REQUEST_HEAD_TIMEOUT),
        keepalive_idle_s=settings.require(time_limits.KEEPALIVE_IDLE_TIMEOUT),
        body_idle_s=settings.require(time_limits.BODY_IDLE_TIMEOUT),
        response_s=settings.require(time_limits.RESPONSE_TIMEOUT),
        send_s=settings.require(time_limits.SEND_TIMEOUT),
        stream_send_s=settings.require(time_limits.STREAM_SEND_TIMEOUT),
        stream_idle_s=settings.require(time_limits.STREAM_IDLE_TIMEOUT),
        half_close_s=settings.require(time_limits.HALF_CLOSE_TIMEOUT),
        upstream_idle_s=settings.require(time_limits.UPSTREAM_IDLE_TIMEOUT),
        drain_s=settings.require(time_limits.DRAIN_TIMEOUT),
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        request_line_bytes=settings.require(opt.MAX_REQUEST_LINE),
        header_block_bytes=settings.require(opt.MAX_HEADER_BLOCK),
        header_count=settings.require(opt.MAX_HEADER_COUNT),
        response_header_block_bytes=settings.require(opt.MAX_RESPONSE_HEADER_BLOCK),
        response_header_count=settings.require(opt.MAX_RESPONSE_HEADER_COUNT),
        body_bytes=settings.require(opt.BODY_LIMIT),
        connections=settings.require(opt.MAX_CONNECTIONS),
        connections_per_client=settings.require(opt.MAX_CONNECTIONS_PER_CLIENT),
        streams=settings.require(opt.MAX_STREAMS),
        streams_per_connection=settings.require(opt.MAX_STREAMS_PER_CONNECTION),
    )


def _upstream(settings: Settings) -> Address:
    upstream = settings.get(opt.TO)
    if upstream is None:
        raise ConfigError(
            "nothing says where the app is",
            way_out=f'Add --to :3000, or write {SITE_FILE} with: to = "http://127.0.0.1:3000".',
        )
    return upstream


def _tls(settings: Settings, document: Document | None) -> Tls | None:
    certificate, key = settings.get(opt.TLS_CERTIFICATE), settings.get(opt.TLS_KEY)
    if certificate is None and key is None:
        if document and "tls" in document.tree:
            raise ConfigError(
                "[tls] is empty, and without a certificate there is no TLS",
                place=document.place(("tls",)),
                way_out="Write certificate and key below it, or remove it.",
            )
        return None
    if certificate is None:
        raise _half_of_tls(settings, given=opt.TLS_KEY, missing=opt.TLS_CERTIFICATE)
    if key is None:
        raise _half_of_tls(settings, given=opt.TLS_CERTIFICATE, missing=opt.TLS_KEY)
    return Tls(certificate=certificate, key=key)


def _half_of_tls(settings: Settings, *, given: Option[Path], missing: Option[Path]) -> ConfigError:
    return ConfigError(
        f"{given.flag} is of no use without {missing.flag}",
        place=settings.place(given),
        way_out=f"Add {missing.flag} {missing.type.metavar}, or {missing.key} in {SITE_FILE}.",
    )


def _refuse_overlaps(listen: Sequence[Address], settings: Settings) -> None:
    place = settings.place(opt.LISTEN)
    if not listen:
        raise ConfigError("the list is empty", place=place, way_out="Write at least one address.")
    for index, address in enumerate(listen):
        for earlier in listen[:index]:
            if address.port != earlier.port or not address.port:
                continue
            if address == earlier:
                raise ConfigError(f"{address} is listed twice", place=place, way_out="Remove one of the two.")
            if "" in (address.host, earlier.host):
                raise ConfigError(
                    f"{address} and {earlier} overlap: one of them is every interface",
                    place=place,
                    way_out="Keep the wider one only.",
                )


def _refuse_own_upstream(listen: Sequence[Address], upstream: Address, settings: Settings) -> None:
    on_this_machine = ("127.0.0.1", "localhost", "::1")
    for address in listen:
        hosts = {address.host, upstream.host}
        is_same_host = (
            len(hosts) == 1
            or (address.host in _EVERYWHERE and upstream.host in on_this_machine)
            or ("localhost" in hosts and hosts <= set(on_this_machine))
        )
        if is_same_host and upstream.port and address.port == upstream.port:
            raise ConfigError(
                f"the app's address {upstream} is one to listen on as well",
                place=settings.place(opt.TO),
                way_out="Give one of the two another port.",
            )


def _strange_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """A line for each variable that looks like a mistyped one; other ``ANTECHAMBER_`` names are somebody else's
    (Kubernetes makes ``ANTECHAMBER_SERVICE_HOST`` for a service of that name)."""
    known = [option.variable for option in opt.OPTIONS] + list(_OTHER_VARIABLES)
    endings = [name.removeprefix(_PREFIX) for name in known]
    for name in sorted(environment):
        ending = name.removeprefix(_PREFIX)
        meant = nearest(ending, endings) if name.startswith(_PREFIX) and name not in known else ""
        if meant and abs(len(ending) - len(meant)) <= 2:
            yield f"the variable {name} means nothing here; did you mean {_PREFIX}{meant}?"

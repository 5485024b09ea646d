"""From a policy and the flags of ``antechamber config`` to what an engine renders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from antechamber.engines.base import Engine, File, Form, Hosting, Options, Site
from antechamber.errors import ConfigError
from antechamber.policy import options as opt
from antechamber.policy.layers import Layer
from antechamber.policy.load import Loaded
from antechamber.policy.model import Address, Policy, Tls
from antechamber.policy.networks import CLOUDFLARE

HTTP, HTTPS = 80, 443


class Behind(StrEnum):
    """What stands further out and ends TLS."""

    NOTHING = "nothing"
    PROXY = "proxy"
    CLOUDFLARE = "cloudflare"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the command line says besides the policy, as it was written."""

    form: Form = Form.SITE
    certificate: str = ""
    certificate_key: str = ""
    certificate_flags: str = "--certificate and --certificate-key"
    """What the command calls the two."""
    behind: Behind = Behind.NOTHING
    engine_version: str = ""


def rendered(engine: Engine, loaded: Loaded, wishes: Wishes) -> tuple[File, ...]:
    """The files of ``engine``. Raises :class:`ConfigError` for what does not go together."""
    site = site_of(engine, loaded, wishes)
    return engine.render(site.policy, site.options)


def rendered_together(engine: Engine, sites: Sequence[Loaded], wishes: Wishes) -> tuple[File, ...]:
    """The same for several site files, in one configuration."""
    hosting = require_hosting(engine, sites)
    return hosting.render_sites([site_of(engine, loaded, wishes) for loaded in sites])


def require_hosting(engine: Engine, sites: Sequence[Loaded]) -> Hosting:
    """``engine``, if it can serve several sites and these are told apart. Raises :class:`ConfigError`."""
    if not isinstance(engine, Hosting):
        raise ConfigError(
            f"{engine.title} is configured one site at a time", way_out="Run the command for each site file by itself."
        )
    for loaded in sites:
        _require_own(loaded)
    return engine


def _require_own(loaded: Loaded) -> None:
    """An app or a name that is said outside the site files would be that of every site."""
    for option in (opt.TO, opt.PUBLIC_ORIGIN):
        setting = loaded.setting(option)
        if setting and setting.layer > Layer.FILE:
            raise ConfigError(
                "it would be that of every site", place=setting.place, way_out=f"Write {option.key} in each site file."
            )


def site_of(engine: Engine, loaded: Loaded, wishes: Wishes) -> Site:
    """One site as an engine is asked for it. Raises :class:`ConfigError` for what does not go together."""
    policy = _policy(loaded.policy, wishes)
    tls = _tls(policy, wishes)
    secure = tls is not None or (engine.issues_certificates and _is_https(policy) and wishes.behind is Behind.NOTHING)
    if wishes.form is not Form.SNIPPET:
        _require_certificate(engine, policy, wishes, secure=secure)
    listen = _listen(loaded, wishes, secure=secure)
    redirects = secure and any(address.port == HTTPS for address in listen)
    options = Options(
        listen=listen,
        redirect_from=Address(host=listen[0].host, port=HTTP) if redirects else None,
        form=wishes.form,
        tls=tls,
        issues_certificate=secure and tls is None,
        behind_cdn=wishes.behind is Behind.CLOUDFLARE,
        version=version_of(wishes.engine_version),
    )
    return Site(policy=policy, options=options, label=loaded.site_file.name if loaded.site_file else "")


def _policy(policy: Policy, wishes: Wishes) -> Policy:
    """Behind Cloudflare its networks are trusted: its word is the only one about the browser."""
    if wishes.behind is not Behind.CLOUDFLARE:
        return policy
    return replace(policy, trusted_proxies=tuple(dict.fromkeys((*policy.trusted_proxies, *CLOUDFLARE))))


def _is_https(policy: Policy) -> bool:
    return policy.public_origin is not None and policy.public_origin.scheme == "https"


def _tls(policy: Policy, wishes: Wishes) -> Tls | None:
    if bool(wishes.certificate) != bool(wishes.certificate_key):
        raise ConfigError(
            "a certificate and its key go together", way_out="Give both --certificate and --certificate-key."
        )
    if not wishes.certificate:
        return policy.tls
    tls = Tls(certificate=Path(wishes.certificate), key=Path(wishes.certificate_key))
    for file in (tls.certificate, tls.key):
        if not file.is_absolute():
            raise ConfigError(
                f"{str(file)!a} is relative, and the engine reads it from a directory of its own",
                way_out="Write the path from the root, such as /etc/ssl/chamber.pem.",
            )
    return tls


def _require_certificate(engine: Engine, policy: Policy, wishes: Wishes, *, secure: bool) -> None:
    if _is_https(policy) and not secure and wishes.behind is Behind.NOTHING:
        raise ConfigError(
            f"the public origin is {policy.public_origin}, and {engine.title} has no certificate for it",
            way_out=f"Add {wishes.certificate_flags}, or --behind proxy if TLS ends further out.",
        )


def _listen(loaded: Loaded, wishes: Wishes, *, secure: bool) -> tuple[Address, ...]:
    """Where the engine listens: the policy's addresses, or the port of the public origin. What stands further out has
    that one, and speaks to the web's own port here."""
    setting = loaded.setting(opt.LISTEN)
    given = setting is not None and setting.layer is not Layer.DEFAULT
    origin = loaded.policy.public_origin
    if given or origin is None:
        return loaded.policy.listen
    port = re.search(r":([0-9]+)$", origin.host) if wishes.behind is Behind.NOTHING else None
    return (Address(port=int(port[1]) if port else HTTPS if secure else HTTP),)


def version_of(text: str) -> tuple[int, ...] | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4}){1,3}", text):
        raise ConfigError(f"{text!a} is not a version", place="--engine-version", way_out="Write it as 1.22.")
    return tuple(int(part) for part in text.split("."))

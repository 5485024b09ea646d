"""What the app gets to see of a request: asked by making requests up, as a stranger would send them.

The stranger lies in every field that some app believes. What of that arrives, and what stands in its place, is what the
configuration does; how it is written does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from antechamber.engines.nginx.syntax import Directive
from antechamber.lint import asked
from antechamber.lint.asked import Asking
from antechamber.lint.nginx.directives import HTTP_1_1_BY_DEFAULT, PROXIED_HEADERS
from antechamber.lint.nginx.scopes import Found, Hidden
from antechamber.lint.nginx.values import Spot, by_version, set_to
from antechamber.lint.nginx.variables import Variables
from antechamber.lint.reading import unknown
from antechamber.policy.effective import (
    ANY_TOKEN,
    AS_ASKED,
    AS_SEEN,
    AS_SENT,
    MISSING,
    PORT_DROPPED,
    Effective,
    Place,
    PolicyField,
    Source,
)

UPSTREAM_NAME = "the app's own address"


@dataclass(frozen=True, slots=True)
class Sent:
    """One request field as it goes up."""

    text: str | None
    """What it is; ``None`` if that cannot be worked out, empty if it is not sent."""
    effective: Effective
    """Where that is from; its value is the text."""


class Forwarding:
    """The request fields that go up from one spot of a configuration."""

    def __init__(self, spot: Spot, asking: Asking, proxy_host: str, *, names: Iterable[str] = ()) -> None:
        self._names = frozenset(names)
        self._spot = spot
        self._asking = replace(asking, fields={**asked.LIES, **asking.fields})
        self._proxy_host = proxy_host
        self._headers = spot.scopes.find("proxy_set_header")
        self._variables = {
            scheme: Variables(replace(self._asking, scheme=scheme), spot.scopes, proxy_host=proxy_host)
            for scheme in ("http", "https")
        }

    def fields(self, look_alikes: Iterable[str], tokens: Iterable[str]) -> dict[PolicyField, Effective]:
        return {
            PolicyField.HOST: self._host(),
            PolicyField.CLIENT_ADDRESS: self._client_address(),
            PolicyField.FORWARDED_PROTO: self._proto(),
            PolicyField.FORWARDED_HOST: self._forwarded_host(),
            PolicyField.FORWARDED: self._forwarded(),
            PolicyField.LOOK_ALIKES: self._look_alikes(sorted(look_alikes)),
            PolicyField.UPGRADES: self._upgrades(sorted(tokens)),
        }

    def sent(self, name: str, *, asking: Asking | None = None, scheme: str = "https") -> Sent:
        """The request field ``name`` as it goes up."""
        if isinstance(self._headers, Hidden):
            return Sent(None, unknown(self._headers.because, self._headers.place))
        variables = self._variables[scheme]
        if asking is not None:
            asked = replace(asking, scheme=scheme, fields={**self._asking.fields, **asking.fields})
            variables = Variables(asked, self._spot.scopes, proxy_host=self._proxy_host)
        if not (directives := self._directives(name)):
            return self._unset(name, variables)
        assert isinstance(self._headers, Found)
        texts = [variables.text(one.words[2]) for one in directives]
        if None in texts:
            guilty = directives[texts.index(None)]
            return Sent(None, unknown(f"{guilty.words[2]} cannot be worked out", guilty.place))
        # Each of them is sent, but for empty ones (ngx_http_proxy_create_request).
        sent = [(text, one) for text, one in zip(texts, directives, strict=True) if text]
        text = ", ".join(text for text, _ in sent)
        return Sent(text, set_to(text, self._headers, sent[-1][1] if sent else directives[-1]))

    def _unset(self, name: str, variables: Variables) -> Sent:
        """What goes up of a field that nothing sets here."""
        lost = self._lost(name)
        word = PROXIED_HEADERS.get(name.lower())
        text = variables.field(name) if word is None else variables.text(word)
        if text is None:
            return Sent(None, unknown(f"{name} cannot be worked out", self._spot.place))
        if lost is not None:
            return Sent(text, replace(lost, value=text))
        where = f"nothing sets {name}"
        cause = self._spot.site if name == "Forwarded" else self._cause()
        if self._spot.scopes.whole or isinstance(self._headers, Found):
            return Sent(text, Effective(text, Source.DEFAULT, where, cause))
        return Sent(text, Effective(text, Source.UNKNOWN, f"{where}, unless a level outside of this file does", cause))

    def _cause(self) -> Place | None:
        """Where a field would have to stand: beside the others that are set, else where the route is served."""
        if isinstance(self._headers, Found) and self._headers.source is Source.SET:
            return self._headers.directives[0].place
        return self._spot.place

    def _lost(self, name: str) -> Effective | None:
        """The inheritance trap: an outer level sets the field, and this one sets another and so inherits none."""
        if not isinstance(self._headers, Found):
            return None
        own = self._headers.directives[0]
        passed = False
        for level in self._spot.scopes.levels:
            headers = level.all("proxy_set_header")
            if passed and (outer := _last(headers, name)):
                where = (
                    f"it is set at line {outer.place.line}, but a location that sets a field of its own, "
                    f"as at line {own.place.line}, inherits none"
                )
                return Effective("", Source.DEFAULT, where, own.place)
            passed = passed or bool(headers)
        return None

    def _directive(self, name: str) -> Directive | None:
        return next(reversed(self._directives(name)), None)

    def _directives(self, name: str) -> list[Directive]:
        return _all(self._headers.directives, name) if isinstance(self._headers, Found) else []

    def _host(self) -> Effective:
        sent = self.sent("Host")
        name = self._asking.host
        if sent.text is None or sent.text == name or sent.text.partition(":")[0] in self._names:
            return replace(sent.effective, value=None if sent.text is None else AS_ASKED)
        names = {name.partition(":")[0]: PORT_DROPPED, self._proxy_host: UPSTREAM_NAME, "": MISSING}
        return replace(sent.effective, value=names.get(sent.text, sent.text))

    def _client_address(self) -> Effective:
        """Both fields must be the peer's address; the worse of the two is what is told."""
        both = [self.sent(name) for name in ("X-Forwarded-For", "X-Real-IP")]
        read = [replace(one.effective, value=None if one.text is None else asked.address(one.text)) for one in both]
        forged = [one for one in read if one.value in (AS_SENT, asked.APPENDED)]
        return next(iter(forged), None) or next((one for one in read if one.value != AS_SEEN), read[0])

    def _proto(self) -> Effective:
        """Told the opposite of the truth, over both schemes."""
        seen = {}
        sent = None
        for scheme, lie in (("https", "http"), ("http", "https")):
            asking = replace(self._asking, fields={"x-forwarded-proto": lie, "x-forwarded-scheme": lie})
            sent = self.sent("X-Forwarded-Proto", asking=asking, scheme=scheme)
            if sent.text is None:
                return sent.effective
            seen[scheme] = sent.text
        assert sent is not None
        if seen == {"https": "http", "http": "http"} and not self._spot.secure:
            return replace(sent.effective, value=AS_SEEN)  # nothing here speaks TLS
        return replace(sent.effective, value=asked.proto(seen["https"], seen["http"]))

    def _forwarded_host(self) -> Effective:
        sent = self.sent("X-Forwarded-Host")
        name = self._asking.host
        words = {name: AS_SEEN, name.partition(":")[0]: PORT_DROPPED, asked.LIE: AS_SENT, "": MISSING}
        constant = self._directive("X-Forwarded-Host")
        if constant and "$" not in constant.words[2] and sent.text not in ("", self._proxy_host):
            return replace(sent.effective, value=AS_SEEN)  # what the operator knows of the outside
        return replace(sent.effective, value=None if sent.text is None else words.get(sent.text, sent.text))

    def _forwarded(self) -> Effective:
        sent = self.sent("Forwarded")
        if sent.text is None:
            return sent.effective
        return replace(sent.effective, value=asked.forwarded(sent.text))

    def _look_alikes(self, names: list[str]) -> Effective:
        lie = f"{asked.LIE}-look-alike"
        asking = replace(self._asking, fields=dict.fromkeys(names, lie))
        variables = Variables(replace(asking, scheme="https"), self._spot.scopes, proxy_host=self._proxy_host)
        if isinstance(self._headers, Hidden):
            return unknown(self._headers.because, self._headers.place)
        dropped = []
        for name in names:
            directives = self._directives(name)
            texts = [variables.text(one.words[2]) for one in directives] or [variables.field(name)]
            if all(text is not None and lie not in text for text in texts):
                dropped.append(name)
        lost = next((found for name in names if name not in dropped and (found := self._lost(name))), None)
        where = lost.where if lost else ""
        source = (
            Source.SET if isinstance(self._headers, Found) or dropped or self._spot.scopes.whole else Source.UNKNOWN
        )
        place = lost.place if lost else self._cause() if dropped else self._spot.site
        return Effective(",".join(dropped), source, where, place)

    def _upgrades(self, tokens: list[str]) -> Effective:
        """The tokens with which an upgrade arrives: HTTP/1.1 upwards, and both fields."""
        version = self.http_version()
        if version.value is None:
            return version
        if version.value == "1.0":
            return replace(version, value="")
        passed: list[str] = []
        guilty: Effective | None = None
        for token in (*tokens, "h2c", asked.FOREIGN):
            asking = replace(self._asking, fields={"upgrade": token, "connection": "Upgrade"})
            upgrade = self.sent("Upgrade", asking=asking)
            connection = self.sent("Connection", asking=asking)
            if upgrade.text is None or connection.text is None:
                return (upgrade if upgrade.text is None else connection).effective
            if upgrade.text.lower() == token and "upgrade" in connection.text.lower():
                passed.append(token)
            elif guilty is None and token in tokens:
                guilty = _first_written(upgrade, connection)
        shown = ANY_TOKEN if asked.FOREIGN in passed else ",".join(sorted(set(passed)))
        cause = guilty or self.sent("Upgrade", asking=self._asking).effective
        return replace(cause, value=shown)

    def http_version(self) -> Effective:
        """The HTTP version towards the app: ``1.0``, ``1.1`` or ``2``."""
        match self._spot.scopes.find("proxy_http_version"):
            case Found() as found:
                return set_to(found.last.arguments[0] if found.last.arguments else "", found)
            case Hidden() as hidden:
                return unknown(hidden.because, hidden.place)
            case None:
                return by_version(
                    self._spot, HTTP_1_1_BY_DEFAULT, new="1.1", old="1.0", what="nothing sets proxy_http_version"
                )


def _first_written(upgrade: Sent, connection: Sent) -> Effective:
    """What to point at where an upgrade is lost: a line that drops it, rather than the place of one that is missing."""
    written = (Source.SET, Source.INHERITED)
    if upgrade.effective.source not in written and connection.text == "" and connection.effective.source in written:
        return connection.effective
    return (upgrade if not upgrade.text else connection).effective


def _last(headers: Iterable[Directive], name: str) -> Directive | None:
    return next(reversed(_all(headers, name)), None)


def _all(headers: Iterable[Directive], name: str) -> list[Directive]:
    return [one for one in headers if len(one.words) == 3 and one.words[1].lower() == name.lower()]

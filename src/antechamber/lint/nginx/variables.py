"""What a word with variables becomes for one request: maps, geo, set, and the variables that nginx makes.

Nothing is recognised by its name or its text: a request is made up as a stranger would send it, and the configuration
is asked what the app would get. So a map of any shape, under any name, is judged by what it does. What cannot be worked
out is ``None``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network

from antechamber.engines.nginx.syntax import Directive
from antechamber.lint.asked import Asking
from antechamber.lint.nginx.scopes import Found, Level, Scopes
from antechamber.lint.pattern import Unsupported, matches

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_DEEPEST = 20
_LONGEST = 8192
"""Variables made of variables can double at every step."""


class Variables:
    """The variables of one request at one place of a configuration."""

    def __init__(self, asking: Asking, scopes: Scopes, *, proxy_host: str = "") -> None:
        self.asking = asking
        self._scopes = scopes
        self._proxy_host = proxy_host
        self._known: dict[str, str | None] = {}
        self._set = _set_by(scopes.levels)
        self._fields = _changed(asking, scopes, self)

    def text(self, word: str) -> str | None:
        """``word`` with its variables filled in."""
        return self._text(word, 0)

    def field(self, name: str) -> str | None:
        """A request field, as headers-more leaves it; empty where there is none."""
        return self._fields.get(name.lower(), "")

    def _text(self, word: str, depth: int) -> str | None:
        parts: list[str] = []
        at = 0
        for found in _VARIABLE.finditer(word):
            value = self._variable(found[1] or found[2], depth)
            if value is None:
                return None
            parts += [word[at : found.start()], value]
            at = found.end()
        text = "".join((*parts, word[at:]))
        return text if len(text) <= _LONGEST else None

    def _variable(self, name: str, depth: int) -> str | None:
        name = name.lower()
        if name not in self._known:
            if depth > _DEEPEST:
                return None
            self._known[name] = None  # of itself it is not made
            self._known[name] = self._worked_out(name, depth + 1)
        return self._known[name]

    def _worked_out(self, name: str, depth: int) -> str | None:
        if name in self._set:
            return self._set_to(self._set[name], depth)
        for level in self._scopes.levels:
            if made := level.makers.get(name):
                return self._from(made, depth)
        asking = self.asking
        if name.startswith("http_"):
            return asking.host if name == "http_host" else self.field(name.removeprefix("http_").replace("_", "-"))
        if name.startswith(("upstream_http_", "sent_http_")):
            return asking.answer.get(name.partition("_http_")[2].replace("_", "-"))
        if name.startswith(("arg_", "cookie_", "ssl_client_")):
            return ""
        return self._built_in(name, depth)

    def _built_in(self, name: str, depth: int) -> str | None:
        asking = self.asking
        host, _, port = asking.host.partition(":")
        match name:
            case "host" | "server_name":
                return host
            case "scheme":
                return asking.scheme
            case "https":
                return "on" if asking.scheme == "https" else ""
            case "remote_addr":
                return self._remote_address()
            case "realip_remote_addr":
                return asking.peer
            case "proxy_host":
                return self._proxy_host or None
            case "server_port":
                return port
            case "is_request_port":
                return ":" if port else ""
            case "request_port":
                return port
            case "request_uri" | "uri" | "document_uri":
                return asking.path
            case "args" | "query_string" | "is_args" | "remote_user":
                return ""
            case "request_method":
                return "GET"
            case "server_protocol":
                return "HTTP/1.1"
            case "proxy_add_x_forwarded_for":
                chain, address = self.field("x-forwarded-for"), self._variable("remote_addr", depth)
                return None if chain is None or address is None else f"{chain}, {address}" if chain else address
        return None

    def _remote_address(self) -> str | None:
        """After the realip module: what a peer says that is believed."""
        trusted = self._scopes.find("set_real_ip_from")
        if trusted is None:
            return self.asking.peer
        if not isinstance(trusted, Found):
            return None
        if not any(_in_network(self.asking.peer, one.words[-1]) for one in trusted.directives):
            return self.asking.peer
        header = self._scopes.find("real_ip_header")
        name = header.last.words[-1] if isinstance(header, Found) else "X-Real-IP"
        told = self.field(name)
        return told.rpartition(",")[2].strip() or self.asking.peer if told is not None else None

    def _from(self, made: Directive, depth: int) -> str | None:
        match made.name, made.arguments:
            case "map", (source, _):
                subject = self._text(source, depth)
                return None if subject is None else self._mapped(made, subject, depth)
            case "geo", (*address, _):
                subject = self._text(address[0], depth) if address else self._variable("remote_addr", depth)
                return None if subject is None else _located(made.block, subject)
        return None

    def _set_to(self, steps: list[Step], depth: int) -> str | None:
        """What the last ``set`` whose condition holds has set it to."""
        for condition, value in reversed(steps):
            if condition is not None and (answer := holds(condition, self)) is not True:
                if answer is None:
                    return None
                continue
            return self._text(value, depth)
        return ""

    def _mapped(self, made: Directive, subject: str, depth: int) -> str | None:
        """The map's value: an exact key, else the first regular expression that fits, else the default."""
        default, regular = "", None
        names = [one for one in made.block if one.name not in ("hostnames", "volatile")]
        if any(one.name == "include" or len(one.words) != 2 for one in names):
            return None
        for key, value in (one.words for one in names):
            if key == "default":
                default = value
            elif key.startswith("~"):
                regular = value if regular is None and _fits(key, subject) else regular
            elif key.removeprefix("\\").lower() == subject.lower():
                return self._text(value, depth)
        return self._text(default if regular is None else regular, depth)


Step = tuple[Directive | None, str]
"""A ``set``: the ``if`` that it stands in, and the value."""


def _set_by(levels: Sequence[Level]) -> dict[str, list[Step]]:
    """What is set, in the order in which it is done: the server's first, then the location's."""
    steps: dict[str, list[Step]] = {}
    for level in reversed(levels):
        if level.name == "if" or not (level.all("set") or level.all("if")):
            continue  # most have none, and an http level has hundreds of directives
        for directive in level.directives:
            inner = directive.block if directive.name == "if" else (directive,)
            for one in inner:
                if one.name == "set" and len(one.words) == 3:
                    condition = directive if directive.name == "if" else None
                    steps.setdefault(one.words[1].lstrip("$").lower(), []).append((condition, one.words[2]))
    return steps


def holds(condition: Directive, variables: Variables) -> bool | None:
    """Whether an ``if`` holds; its parentheses are part of its words."""
    words = " ".join(condition.arguments).strip()
    if not words.startswith("(") or not words.endswith(")"):
        return None
    match words[1:-1].strip().split(None, 2):
        case [variable] if variable.startswith("$"):
            text = variables.text(variable)
            return None if text is None else text not in ("", "0")
        case [variable, ("=" | "!=") as sign, wanted]:
            text = variables.text(variable)
            return None if text is None else (text == (variables.text(wanted) or "")) == (sign == "=")
        case [variable, ("~" | "~*" | "!~" | "!~*") as sign, pattern]:
            text = variables.text(variable)
            try:
                found = None if text is None else matches(pattern, text, ignore_case=sign.endswith("*"))
            except Unsupported:
                return None
            return None if found is None else found != sign.startswith("!")
        case [("-f" | "-d" | "-e" | "-x"), _]:
            return False  # a live route is no file
        case [("!-f" | "!-d" | "!-e" | "!-x"), _]:
            return True
    return None


def _changed(asking: Asking, scopes: Scopes, variables: Variables) -> dict[str, str | None]:
    """The request's fields after headers-more, which acts before anything is passed on."""
    fields: dict[str, str | None] = dict(asking.fields)
    variables._fields = fields  # the words below may ask for fields
    for directive in scopes.added_up("more_clear_input_headers"):
        for name in directive.arguments:
            fields.pop(name.rstrip(":").lower(), None)
    for directive in scopes.added_up("more_set_input_headers"):
        for argument in directive.arguments:
            name, colon, value = argument.partition(":")
            if colon and not name.startswith("-"):
                fields[name.strip().lower()] = variables.text(value.strip())
    return fields


def _fits(key: str, subject: str) -> bool:
    """Whether a map's regular expression fits; one that nobody here understands fits nothing of ours."""
    caseless = key.startswith("~*")
    try:
        return matches(key.removeprefix("~").removeprefix("*"), subject, ignore_case=caseless)
    except Unsupported:
        return False


def _in_network(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False


def _located(block: Iterable[Directive], address: str) -> str | None:
    """The value of the smallest network of a geo block that holds ``address``."""
    best, value = -1, ""
    for one in block:
        if one.name in ("ranges", "proxy", "proxy_recursive", "include", "delete"):
            return None
        if one.name == "default" and len(one.words) == 2:
            value = value if best >= 0 else one.words[1]
        elif len(one.words) == 2 and _in_network(address, one.name):
            length = ip_network(one.name, strict=False).prefixlen
            best, value = max((best, value), (length, one.words[1]), key=lambda pair: pair[0])
    return value

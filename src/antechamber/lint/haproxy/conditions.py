"""Whether a condition of HAProxy holds for a request, as far as that can be told (configuration manual, section 7).

Three answers: yes, no, and ``None`` where only HAProxy knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from antechamber.engines.haproxy.syntax import Line
from antechamber.lint.pattern import Unsupported, matches

Answer = bool | None
_WAYS = {"beg", "end", "sub", "dir", "reg", "dom", "str"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as a stranger sends it; ``fields`` are what they are when the rule is looked at."""

    path: str
    host: str
    peer: str
    secure: bool
    fields: Mapping[str, str]
    body_bytes: int = 0
    variables: Mapping[str, str | None] = field(default_factory=dict)
    """What ``set-var`` has set."""


def holds(words: Sequence[str], acls: Iterable[Line], request: Request) -> Answer:
    """A condition that begins with ``if`` or ``unless``; no condition always holds."""
    if not words:
        return True
    answer = _any(_all(group, acls, request) for group in _groups(words[1:]))
    return answer if words[0] == "if" or answer is None else not answer


def _groups(words: Sequence[str]) -> Iterator[list[str]]:
    group: list[str] = []
    depth = 0
    for word in words:
        depth += (word in ("{", "!{")) - (word == "}")
        if word in ("or", "||") and depth == 0:
            yield group
            group = []
        else:
            group.append(word)
    yield group


def _all(words: Sequence[str], acls: Iterable[Line], request: Request) -> Answer:
    answers: list[Answer] = []
    at = 0
    while at < len(words):
        word, negated = words[at], False
        while word.startswith("!"):
            word, negated = word[1:], not negated
            if not word and at + 1 < len(words):
                at += 1
                word = words[at]
        if word == "{":
            try:
                end = words.index("}", at)
            except ValueError:
                return None
            answer = _test(words[at + 1 : end], request)
            at = end
        else:
            answer = _acl(word, acls, request)
        answers.append(answer if answer is None else answer != negated)
        at += 1
    if False in answers:
        return False
    return None if None in answers else True


def _any(answers: Iterable[Answer]) -> Answer:
    found = list(answers)
    if True in found:
        return True
    return None if None in found else False


def _acl(name: str, acls: Iterable[Line], request: Request) -> Answer:
    """Several lines of one name are alternatives; a few names are HAProxy's own (section 7.4)."""
    own = {"TRUE": True, "FALSE": False, "HTTP": True, "METH_GET": True, "METH_POST": False, "METH_OPTIONS": False}
    lines = [line for line in acls if line.words[1:2] == (name,)]
    if not lines:
        return own.get(name)
    return _any(_test(line.words[2:], request) for line in lines)


def _test(words: Sequence[str], request: Request) -> Answer:
    if not words:
        return None
    fetch, *rest = words
    fetch, way = _way(fetch)
    ignore_case = False
    while rest and rest[0].startswith("-") and len(rest[0]) == 2:
        flag = rest.pop(0)
        if flag == "-i":
            ignore_case = True
        elif flag == "-m" and rest:
            way = rest.pop(0)
        elif flag == "-f":
            return None
    if fetch in ("ssl_fc", "ssl_fc,bool"):
        return request.secure
    if fetch == "src":
        return any(_in(request.peer, network) for network in rest)
    if fetch == "req.body_size" and rest[:1] in (["gt"], ["ge"]) and rest[1:2] and rest[1].isdecimal():
        return request.body_bytes > int(rest[1])
    text = _text(fetch, request)
    if text is None:
        return None
    if way == "bool":
        return text not in ("", "0", "false")
    if way == "found":
        return text != ""
    return _compared(text, rest, way, ignore_case=ignore_case)


def _way(fetch: str) -> tuple[str, str]:
    """``path_beg`` is ``path -m beg``, ``hdr_end(host)`` is ``hdr(host) -m end``."""
    name, bracket, arguments = fetch.partition("(")
    base, underscore, way = name.rpartition("_")
    if underscore and way in _WAYS:
        return base + bracket + arguments, way
    return fetch, "str"


def _text(fetch: str, request: Request) -> str | None:
    fetch = fetch.removesuffix(",lower").removesuffix(",field(1,:)").removesuffix(",lower")
    if fetch in ("path", "url", "pathq", "capture.req.uri"):
        return request.path
    if fetch == "method":
        return "GET"
    if fetch.startswith("var(") and fetch.endswith(")"):
        return request.variables.get(fetch[4:-1], "")
    for name in ("req.fhdr(", "req.hdr(", "hdr(", "req.hdr_cnt(", "hdr_cnt("):
        if fetch.startswith(name) and fetch.endswith(")"):
            header = fetch[len(name) : -1].partition(",")[0].strip().lower()
            text = request.host if header == "host" else request.fields.get(header, "")
            return str(int(text != "")) if "cnt" in name else text
    return None


def _compared(text: str, values: Sequence[str], way: str, *, ignore_case: bool) -> Answer:
    if way == "reg":
        try:
            return any(matches(value, text, ignore_case=ignore_case) for value in values)
        except Unsupported:
            return None
    if ignore_case:
        text, values = text.lower(), [value.lower() for value in values]
    ways: Mapping[str, Callable[[str], bool]] = {
        "str": lambda value: text == value,
        "beg": text.startswith,
        "end": text.endswith,
        "sub": lambda value: value in text,
        "dir": lambda value: f"/{value.strip('/')}/" in f"{text}/",
        "dom": lambda value: f".{value.strip('.')}." in f".{text}.".replace(":", "."),
    }
    compare = ways.get(way)
    return any(compare(value) for value in values) if compare else None


def _in(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False

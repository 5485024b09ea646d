"""A request's fields on their way through a frontend and a backend, rule by rule, as HAProxy applies them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from antechamber.engines.haproxy.syntax import Line, Section, condition
from antechamber.lint.haproxy.conditions import Request, holds

_SAMPLE = re.compile(r"%\[([^\]]*)\]|%ci\b")
Value = str | None


@dataclass(frozen=True, slots=True)
class Passage:
    """What goes up: each field with its value (``None``: only HAProxy knows) and the line that made it so."""

    fields: Mapping[str, Value]
    written: Mapping[str, Line] = field(default_factory=dict)
    answered: Line | None = None
    """A rule that answers instead."""


def passed(request: Request, on_the_way: Sequence[Section]) -> Passage:
    """``request`` through these sections."""
    fields: dict[str, Value] = {"host": request.host, **request.fields}
    written: dict[str, Line] = {}
    variables: dict[str, Value] = {}
    for section in on_the_way:
        acls = section.all("acl")
        for line in (one for one in section.lines if one.words[0] in ("http-request", "redirect", "block")):
            rule, words = condition(line.words)
            known = {name: value or "" for name, value in fields.items()}
            now = replace(request, fields=known, host=known.get("host", ""), variables=variables)
            answer = holds(words, acls, now)
            if line.words[0] in ("redirect", "block") or rule[1:2] in (
                ("deny",),
                ("reject",),
                ("redirect",),
                ("return",),
            ):
                if answer is True:
                    return Passage(fields, written, line)
                continue
            if rule[1:2] and rule[1].startswith("set-var("):
                if answer is not False:
                    variables[rule[1][8:].rstrip(")").partition(",")[0]] = (
                        _expression(rule[2:], now) if answer else None
                    )
            elif answer is not False:
                _change(rule[1:], fields, written, line, now, sure=answer is True)
    for section in on_the_way:
        if _forward_for(section, fields, written, request):
            break
    return Passage(fields, written)


def _change(
    rule: Sequence[str], fields: dict[str, Value], written: dict[str, Line], line: Line, now: Request, *, sure: bool
) -> None:
    match rule:
        case ["set-header" | "add-header" as how, name, form]:
            value = _filled(form, now)
            if how == "add-header" and (old := fields.get(name.lower())):
                value = None if value is None else f"{old}, {value}"
            fields[name.lower()] = value if sure else None
        case ["del-header", name, *_]:
            if sure:
                fields.pop(name.lower(), None)
            else:
                fields[name.lower()] = None
            written[name.lower()] = line
            return
        case ["replace-header" | "replace-value", name, *_]:
            fields[name.lower()] = None
        case _:
            return
    written[rule[1].lower()] = line


def _filled(form: str, now: Request) -> Value:
    """A log-format string with what is in it (section 8.2.6)."""
    parts: list[str] = []
    at = 0
    for found in _SAMPLE.finditer(form):
        value = now.peer if found[1] is None else _sample(found[1], now)
        if value is None:
            return None
        parts += [form[at : found.start()], value]
        at = found.end()
    return "".join((*parts, form[at:]))


def _expression(words: Sequence[str], now: Request) -> Value:
    match list(words):
        case ["bool(true)"]:
            return "1"
        case ["bool(false)"]:
            return ""
        case [word] if word.startswith("str(") and word.endswith(")"):
            return word[4:-1]
        case [word]:
            return _sample(word, now)
    return None


def _sample(expression: str, now: Request) -> Value:
    match expression.replace(" ", ""):
        case "src":
            return now.peer
        case "ssl_fc,iif(https,http)":
            return "https" if now.secure else "http"
        case "req.hdr(host)" | "hdr(host)" | "req.hdr(Host)" | "hdr(Host)":
            return now.host
        case "req.hdr(host),field(1,:)" | "hdr(host),field(1,:)":
            return now.host.partition(":")[0]
        case name if found := re.fullmatch(r"(?:req\.)?f?hdr\(([\w-]+)\)", name):
            return now.fields.get(found[1].lower(), "")
    return None


def _forward_for(section: Section, fields: dict[str, Value], written: dict[str, Line], request: Request) -> bool:
    """``option forwardfor`` adds a field behind the client's, after all rules: apps read the first (section 4.2)."""
    found = section.last("option", "forwardfor")
    if found is None or section.all("no", "option", "forwardfor"):
        return False
    line, _ = found
    name = "x-forwarded-for"
    if "header" in line.words[:-1]:
        name = line.words[line.words.index("header") + 1].lower()
    old = fields.get(name)
    if not old:
        fields[name] = request.peer if old is not None or name not in fields else None
    elif "if-none" not in line.words and not old.endswith(request.peer):
        fields[name] = f"{old}, {request.peer}"
    written[name] = line
    return True

"""An answer in a few words, for evidence, and who seems to have made it.

Proxies have faces: their error pages, their ``Server`` fields. A status in a proxy's own words is the proxy's; one in
the app's words has been all the way.
"""

from __future__ import annotations

import re

from antechamber.probe.transcript import End, HttpTranscript

LOGIN_FORM = re.compile(rb"<input[^>]+type=[\"']?password|<form[^>]+(?:login|signin|sign-in)", re.IGNORECASE)
CHALLENGE = re.compile(
    rb"cf-chl|challenge-platform|captcha|cf_chl_opt|just a moment|verify you are human", re.IGNORECASE
)

_FACES = (
    ("nginx", re.compile(rb"<center>(?:nginx|openresty)(?:/[\d.]+)?(?: \([A-Za-z]+\))?</center>")),
    ("Apache", re.compile(rb"<address>Apache(?:/[\d.]+)?")),
    ("HAProxy", re.compile(rb"<html><body><h1>\d{3} [^<]+</h1>\s*[^<]+\s*</body></html>")),
    ("Cloudflare", re.compile(rb"<center>cloudflare</center>|cf-error-details|Cloudflare Ray ID", re.IGNORECASE)),
    ("Traefik", re.compile(rb"\A(?:404 page not found|Bad Gateway|Gateway Timeout|Service Unavailable)\s*\Z")),
    ("Envoy", re.compile(rb"\A(?:upstream (?:connect error|request timeout)|no healthy upstream|Payload Too Large)")),
)


def told(answer: HttpTranscript) -> str:
    """An answer in two words: what a person would say of it."""
    if answer.status is not None:
        return f"{answer.status} {answer.media_type}".rstrip()
    if answer.ending.end is End.SILENT:
        return f"no answer for {answer.ending.at_s:.1f} s"
    return answer.ending.detail or answer.ending.end.value


def with_author(answer: HttpTranscript) -> str:
    """The same, with who said it where its face tells."""
    author = author_of(answer)
    return f"{told(answer)}, in {author}'s words" if author else told(answer)


def author_of(answer: HttpTranscript) -> str:
    """The proxy whose own page an answer is; empty if it has nobody's face."""
    if proxy_status := answer.field(b"proxy-status"):
        return proxy_status.decode("latin-1").partition(";")[0].strip(' "')
    if answer.status is None or answer.status < 400:
        return ""
    body = answer.body[:4096]
    for name, face in _FACES:
        if face.search(body):
            return name
    return ""


def coding_of(answer: HttpTranscript) -> str:
    """Its content codings, outermost last, as they are said; empty for none."""
    values = [value.decode("latin-1") for name, value in answer.fields if name.lower() == b"content-encoding"]
    codings = [word.strip().lower() for value in values for word in value.split(",")]
    return ", ".join(word for word in codings if word and word != "identity")


def ms(seconds: float) -> str:
    """A time in milliseconds, for evidence."""
    return f"{max(seconds, 0.0) * 1000:.0f} ms"

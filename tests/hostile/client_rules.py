"""``client``: what a case demands of the response that the client got. One function per key.

Demands on fields and body hold for the demanded statuses only: a proxy that refuses answers in its own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.hostile.answer import Answer
from tests.hostile.corpus import Json, expand, table, words

SPACE_COLON = re.compile(rb"\r\n[^:\r\n]*[ \t]:")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the client received; ``wanted`` says whether the status is one that the case asks for."""

    answer: Answer
    echoed: bool
    wanted: bool


Rule = Callable[[object, Receipt], Iterator[str]]


def breaches(demands: Json, answer: Answer, *, echoed: bool) -> list[str]:
    """Every demand that the response breaks, as sentences; an unknown demand is a KeyError."""
    wanted = _wanted(demands, answer.status)
    receipt = Receipt(answer, echoed, wanted)
    found = [breach for key, value in demands.items() for breach in RULES[key](value, receipt)]
    if wanted and not answer.whole and "body" in demands:
        found.append(f"the response is incomplete ({answer.outcome.value})")
    return found


def _wanted(demands: Json, status_got: int) -> bool:
    if "status" not in demands:
        return True
    choice = demands.get("status_any_of", [])
    assert isinstance(choice, list)
    return status_got == demands["status"] or status_got in choice


def status(value: object, receipt: Receipt) -> Iterator[str]:
    if receipt.answer.status != value:
        yield f"client status {receipt.answer.status}, want {value}"


def status_any_of(value: object, receipt: Receipt) -> Iterator[str]:
    assert isinstance(value, list)
    if receipt.answer.status not in value:
        yield f"client status {receipt.answer.status}, want one of {value}"


def version_any_of(value: object, receipt: Receipt) -> Iterator[str]:
    if receipt.answer.version not in words(value):
        yield f"response version {receipt.answer.version}"


def header_absent(value: object, receipt: Receipt) -> Iterator[str]:
    for name in words(value):
        if receipt.answer.all(name):
            yield f"the response has {name}"


def header_equals(value: object, receipt: Receipt) -> Iterator[str]:
    for name, wanted in table(value).items():
        if receipt.wanted and receipt.answer.all(name) != [wanted]:
            yield f"response {name} is {receipt.answer.all(name)}"


def header_lines(value: object, receipt: Receipt) -> Iterator[str]:
    for name, wanted in table(value).items():
        if receipt.wanted and receipt.answer.all(name) != words(wanted):
            yield f"response {name} is {receipt.answer.all(name)}"


def header_not_contains(value: object, receipt: Receipt) -> Iterator[str]:
    for name, part in table(value).items():
        if str(part) in ",".join(receipt.answer.all(name)):
            yield f"response {name} is {receipt.answer.all(name)}"


def header_max(value: object, receipt: Receipt) -> Iterator[str]:
    for name, most in table(value).items():
        if len(receipt.answer.all(name)) > int(str(most)):
            yield f"the response has {len(receipt.answer.all(name))} {name} lines"


def body(value: object, receipt: Receipt) -> Iterator[str]:
    if receipt.wanted and receipt.answer.body != expand(str(value)):
        yield f"response body {receipt.answer.body[:60]!r}"


def interim(value: object, receipt: Receipt) -> Iterator[str]:
    assert isinstance(value, list)
    for code in value:
        if code not in receipt.answer.interim:
            yield f"no interim {code}, got {receipt.answer.interim}"


def interim_absent(value: object, receipt: Receipt) -> Iterator[str]:
    if value and receipt.answer.interim:
        yield f"interim {receipt.answer.interim} sent"


def no_space_colon(value: object, receipt: Receipt) -> Iterator[str]:
    if value and SPACE_COLON.search(receipt.answer.head):
        yield "a response field name ends in whitespace"


def no_fold(value: object, receipt: Receipt) -> Iterator[str]:
    if value and re.search(rb"\r\n[ \t]", receipt.answer.head):
        yield "a folded line in the response"


def no_nonzero_cl(value: object, receipt: Receipt) -> Iterator[str]:
    if value and any(length.strip("0") for length in receipt.answer.all("content-length")):
        yield f"a Content-Length in a {receipt.answer.status}"


def tunnel_echo(value: object, receipt: Receipt) -> Iterator[str]:
    if value and receipt.answer.status == 101 and not receipt.echoed:
        yield "the tunnel did not echo what was sent"


def early(_: object, receipt: Receipt) -> Iterator[str]:
    """Messages sent in one piece with the handshake; they are awaited by the echo check."""
    if receipt.answer.status == 101 and not receipt.echoed:
        yield "messages sent with the handshake were not echoed first"


RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        status,
        status_any_of,
        version_any_of,
        header_absent,
        header_equals,
        header_lines,
        header_not_contains,
        header_max,
        body,
        interim,
        interim_absent,
        no_space_colon,
        no_fold,
        no_nonzero_cl,
        tunnel_echo,
        early,
    )
}

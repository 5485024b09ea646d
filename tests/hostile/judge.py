"""From what was observed in one case to the reasons why it fails; none means that it passes.

Pure: :mod:`tests.hostile.lane` observes, this decides. Besides its own demands every case is judged on these: nobody
hangs, no 500, no ``/smuggled`` request at the origin, nothing malformed upstream, the client's connection is in step
(its next request gets its own answer, or the connection is closed), and other clients still get their own answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.hostile import client_rules, upstream_rules
from tests.hostile.answer import Answer, Outcome
from tests.hostile.corpus import Case
from tests.hostile.strict import Seen

DECLINED_10 = (426, 505)
"""An HTTP/1.0 request may be declined as such."""
SMUGGLED = "smuggled"


class Step(Enum):
    """What became of the marker request that was sent behind the case on the same connection."""

    NOT_TRIED = auto()
    ANSWERED = auto()
    CLOSED = auto()
    REFUSED = auto()
    SWALLOWED = auto()
    REPEATED = auto()
    FOREIGN_ANSWER = auto()
    EXTRA_ANSWER = auto()
    """Bytes came behind the final response before anything else was sent."""
    TUNNEL = auto()
    NO_TUNNEL = auto()


class Fresh(Enum):
    """What became of a request on a connection of its own, after the case."""

    ANSWERED = auto()
    FOREIGN_ANSWER = auto()
    FAILED = auto()


@dataclass
class Observation:
    """Everything that was seen of one case."""

    answer: Answer = field(default_factory=Answer)
    echoed: bool = False
    step: Step = Step.NOT_TRIED
    step_status: int = 0
    fresh: list[Fresh] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    """Every request that reached the origin since the case began, the judge's own included."""
    strays: list[bytes] = field(default_factory=list)
    baseline: Mapping[str, str] = field(default_factory=dict)

    @property
    def of_case(self) -> list[Seen]:
        return [seen for seen in self.seen if not seen.target.startswith("/__")]

    @property
    def complete(self) -> list[Seen]:
        return [seen for seen in self.of_case if seen.complete]

    @property
    def begun(self) -> bool:
        """Whether a part of a request reached the origin."""
        partial = [seen for seen in self.of_case if not seen.complete]
        heads = [seen.head for seen in partial]
        return bool(partial) or any(not any(head.startswith(stray[:20]) for head in heads) for stray in self.strays)


def reasons(case: Case, seen: Observation) -> list[str]:
    """Why the case fails, each reason once."""
    always = [*_malformed(seen), *_pool_in_step(seen)]
    if _declined_as_http10(case, seen):
        return always
    found = [*always, *_never(seen), *_outcome(case, seen), *_connection_in_step(case, seen)]
    return list(dict.fromkeys(found))


def allowed(told: int | str, choice: Sequence[int | str] | None) -> bool:
    """Whether a status or word is among those that a case allows; ``4xx`` stands for its hundred."""
    if choice is None:
        return False
    return told in choice or (isinstance(told, int) and f"{told // 100}xx" in choice)


def _declined_as_http10(case: Case, seen: Observation) -> bool:
    declined = case.first_line.endswith("HTTP/1.0") and seen.answer.status in DECLINED_10
    return declined and not seen.complete and not seen.begun


def _malformed(seen: Observation) -> Iterator[str]:
    for request in seen.seen:
        if "/__tunnel" not in request.target:
            yield from (f"malformed upstream message: {fault}" for fault in request.faults)


def _pool_in_step(seen: Observation) -> Iterator[str]:
    if Fresh.FOREIGN_ANSWER in seen.fresh:
        yield "a fresh request got somebody else's answer"
    elif seen.fresh[-2:] != [Fresh.ANSWERED, Fresh.ANSWERED]:
        yield f"fresh requests fail after the case: {[fresh.name for fresh in seen.fresh]}"


def _never(seen: Observation) -> Iterator[str]:
    if any(SMUGGLED in request.target.lower() for request in seen.of_case):
        yield "the hidden request was executed at the origin"
    if seen.answer.status == 500:
        yield "500: an unhandled error"


def _outcome(case: Case, seen: Observation) -> Iterator[str]:
    expect, told = case.expect, seen.answer.told
    if expect.forwarded_any:
        client_choice = expect.client.get("status_any_of", [])
        assert isinstance(client_choice, list)
        if not allowed(told, [*(expect.status_any_of or ()), *client_choice]):
            yield f"the client got {told}"
    elif seen.complete:
        yield from _forwarded(case, seen)
    else:
        yield from _refused(case, seen)
    if expect.client and seen.answer.status and (seen.complete or not expect.status_any_of):
        yield from client_rules.breaches(expect.client, seen.answer, echoed=seen.echoed)
    if told == Outcome.LATE.value and not allowed(told, expect.status_any_of):
        yield "no answer in time"


def _forwarded(case: Case, seen: Observation) -> Iterator[str]:
    expect, told = case.expect, seen.answer.told
    if expect.forwarded_as is None:
        yield f"forwarded as a complete request, must be refused (the client got {told})"
        return
    yield from upstream_rules.breaches(
        expect.forwarded_as, upstream_rules.Arrival(requests=seen.complete, baseline=seen.baseline)
    )
    usual = [101] if expect.client.get("status") == 101 else [200]
    if allowed(told, expect.forward_status_any_of or usual) or allowed(told, expect.status_any_of):
        return
    if not (expect.http09_ok and told in (Outcome.NOT_HTTP.value, Outcome.CLOSED.value)):
        yield f"forwarded, but the client got {told}"


def _refused(case: Case, seen: Observation) -> Iterator[str]:
    expect, told = case.expect, seen.answer.told
    if expect.status_any_of is None:
        yield f"not forwarded (the client got {told})"
    elif not allowed(told, expect.status_any_of):
        yield f"refused with {told}, want one of {list(expect.status_any_of)}"
    if expect.not_forwarded and seen.begun:
        yield "a part of the request reached the origin"


def _connection_in_step(case: Case, seen: Observation) -> Iterator[str]:
    expect, answered = case.expect, 200 <= seen.answer.status < 300
    if expect.must_close and seen.step is Step.ANSWERED:
        yield "the connection was kept open, must be closed"
    if expect.leftover_ok and 400 <= seen.step_status < 500:
        return
    match seen.step:
        case Step.FOREIGN_ANSWER | Step.SWALLOWED | Step.REPEATED | Step.TUNNEL:
            yield f"the client's connection is out of step: {seen.step.name}"
        case Step.REFUSED if seen.complete and seen.answer.status == 200:
            yield f"the client's connection is out of step: the next request got {seen.step_status}"
        case Step.EXTRA_ANSWER if seen.complete and answered and seen.step_status and not expect.must_close:
            yield f"a second response ({seen.step_status}) came for one request"
        case _:
            pass

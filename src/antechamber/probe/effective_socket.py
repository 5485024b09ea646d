"""What looks at a WebSocket show: whether the upgrade passed, the origin check, frames in time, long messages."""

from __future__ import annotations

from antechamber.policy.effective import ANY_TOKEN, PolicyField
from antechamber.policy.observation import ACCEPTED, AT_ONCE, HELD, REFUSED, Observation
from antechamber.probe.facts import Facts
from antechamber.probe.look import Look
from antechamber.probe.pacing import pace_of
from antechamber.probe.seen import Seen, is_html
from antechamber.probe.telling import ms, told, with_author
from antechamber.probe.transcript import HttpTranscript

TOKEN = "websocket"  # noqa: S105  # an upgrade token
REFUSED_STATUSES = (401, 403)


def socket_facts(seen: Seen, facts: Facts) -> None:
    """Everything that a look at a WebSocket shows."""
    _upgrade(seen, facts)
    _origin(seen, facts)
    _frames(seen, facts)
    _message(seen.through, facts)
    _end(seen, facts)
    foreign_upgrade(seen, facts)


def foreign_upgrade(seen: Seen, facts: Facts) -> None:
    """Whether an Upgrade is passed on that no app asks for: by what arrived of one, where it does arrive directly."""
    arrived, straight = seen.through.foreign, seen.direct.foreign if seen.direct else None
    if arrived is not None and arrived.fields.get("upgrade"):
        facts.holds(PolicyField.UPGRADES, ANY_TOKEN, f"Upgrade: {arrived.fields['upgrade']} arrived")
    elif arrived is not None and straight is not None and straight.fields.get("upgrade"):
        facts.holds(PolicyField.UPGRADES, TOKEN, "an Upgrade to a protocol of nobody's did not arrive")
    else:
        facts.unknown(PolicyField.UPGRADES, because="what is passed on besides WebSockets was not seen")


def _upgrade(seen: Seen, facts: Facts) -> None:
    """Whether it passes: a 101 of the app, or of the surface on the same path; or a refusal that comes after it."""
    through = seen.through
    opened = [look for look in (through.real if through.refusal is None else None, _opened_in_place(through)) if look]
    if opened and opened[0].status == 101:
        facts.saw(Observation.UPGRADE, "switched", f"101 after {ms(opened[0].head_s or 0.0)}")
        return
    real = through.real if seen.app_has_it or through.stream is None else through.stream
    if real is None or (not seen.app_has_it and seen.direct is not None and not _opened_directly(seen)):
        facts.unseen(Observation.UPGRADE, because=_not_there(seen))
        return
    if real.status in REFUSED_STATUSES and not is_html(real):
        facts.unseen(Observation.UPGRADE, because=f"refused before anything of it could be seen: {told(real)}")
        return
    value = _instead(real)
    straight = seen.direct and (seen.direct.real if real is through.real else seen.direct.stream)
    directly = f"; directly {told(straight)}" if straight else ""
    facts.saw(Observation.UPGRADE, value, with_author(real) + directly, certain=seen.direct is not None)


def _opened_in_place(look: Look) -> HttpTranscript | None:
    return look.stream if look.stream is not None and look.stream.status == 101 else None


def _opened_directly(seen: Seen) -> bool:
    return seen.direct is not None and _opened_in_place(seen.direct) is not None


def _not_there(seen: Seen) -> str:
    direct = seen.direct.real if seen.direct else None
    return f"directly it does not open either: {told(direct)}" if direct else "it was not looked at"


def _instead(answer: HttpTranscript) -> str:
    if answer.status is None:
        return "silence"
    return "html" if answer.status == 200 and is_html(answer) else f"status {answer.status}"


def _origin(seen: Seen, facts: Facts) -> None:
    real = seen.through.real
    if real is None:
        facts.unseen(Observation.ORIGIN, because="the real socket was not looked at")
    elif seen.through.refusal is None:
        facts.saw(Observation.ORIGIN, ACCEPTED, "101")
    elif real.status == 403 and (seen.direct is None or seen.direct.refusal is None):
        body = real.body[:60].decode("latin-1").strip()
        evidence = f"403 {body}".rstrip() + ("" if seen.direct is None else ", directly 101")
        facts.saw(Observation.ORIGIN, REFUSED, evidence, certain=seen.direct is not None)
    else:
        facts.unseen(Observation.ORIGIN, because=f"the handshake did not come so far: {told(real)}")


def _frames(seen: Seen, facts: Facts) -> None:
    through, direct = seen.through, seen.direct
    if through.stream is not None and through.stream.status == 101 and through.asked is not None:
        if (pace := pace_of(through.sightings, through.asked, direct.sightings if direct else ())) is not None:
            facts.saw(Observation.FRAMES, pace.value, pace.evidence)
            facts.holds(PolicyField.RESPONSE_STREAMED, pace.value == AT_ONCE, pace.evidence)
            return
        if direct is not None and len(direct.sightings) > 1:
            came = f"{len(through.sightings)} of {len(direct.sightings)} frames came: {through.stream.ending.end.value}"
            facts.saw(Observation.FRAMES, HELD, came)
            return
    if through.refusal is not None or direct is None or direct.first_s is None:
        facts.unseen(Observation.FRAMES, because="the app sends nothing here by itself, or the socket did not open")
    elif through.first_s is None and through.closed:
        facts.unseen(Observation.FRAMES, because=f"it ended before anything could come: {through.closed}")
    elif through.first_s is None:
        facts.saw(
            Observation.FRAMES, HELD, f"101, then nothing; directly the first frame came after {ms(direct.first_s)}"
        )
    else:
        facts.saw(Observation.FRAMES, AT_ONCE, f"the first frame came after {ms(through.first_s)}")


def _message(look: Look, facts: Facts) -> None:
    sent = look.message
    if sent is None:
        facts.unseen(Observation.MESSAGE_BYTES, because="nobody here sends a long message back")
    elif sent.came_back:
        facts.saw(Observation.MESSAGE_BYTES, 0, f"one of {sent.size_bytes // 1024} KiB came back whole")
    else:
        facts.saw(Observation.MESSAGE_BYTES, sent.size_bytes, sent.ending)


def _end(seen: Seen, facts: Facts) -> None:
    if seen.through.refusal is not None or seen.through.real is None:
        facts.unseen(Observation.SOCKET_END, because="the socket did not open")
    elif not seen.through.closed:
        facts.saw(Observation.SOCKET_END, "open", "as long as it was watched")
    elif seen.direct is not None and not seen.direct.closed and seen.through.first_s is None:
        facts.saw(Observation.SOCKET_END, "closed", seen.through.closed)
    else:
        facts.unseen(Observation.SOCKET_END, because=f"the app itself closes it: {seen.through.closed}")

// Judges what was seen, purely: lines and upload results in, faults out. What cannot be told yet is not a fault.

import { State } from "./line.js";
import { FIRST_MS, HEAD_MS, LATE_MS, silenceAllowed } from "./patience.js";
import { FAULTS } from "./symptoms.js";
import { bytes, seconds } from "./element.js";

const ALIKE = 0.25;
const FORGOTTEN_AFTER_MS = 180_000;
const LATE_IN_A_ROW = 2;

export const Health = Object.freeze({ WELL: "well", TRYING: "trying", BROKEN: "broken", UNKNOWN: "unknown" });

// [{ code, fault, paths, says }]: one entry for a fault, however many routes have it.
export function diagnose(lines, { uploads = [], now = Date.now(), origin = "" } = {}) {
  const found = [];
  for (const line of lines) {
    const seen = faultOf(line, now, origin);
    if (seen) add(found, seen.code, line.route.path, seen.seen ?? {});
  }
  for (const result of uploads) {
    const seen = uploadFault(result);
    if (seen) add(found, seen.code, result.path, seen.seen);
  }
  for (const entry of found) entry.says = entry.fault.says(entry.seen);
  return found.sort((one, other) => order(one) - order(other));
}

export function healthOf(line, now = Date.now(), origin = "") {
  const seen = faultOf(line, now, origin);
  if (seen && seen.code !== "origin-will-fail") return Health.BROKEN;
  if (line.state === State.LIVE || line.state === State.RESTING) return Health.WELL;
  return line.state === State.NEW ? Health.UNKNOWN : Health.TRYING;
}

// The one fault that a line shows, or null.
export function faultOf(line, now = Date.now(), origin = "") {
  const socket = line.route.transport === "websocket";
  return (
    (socket ? socketFailure(line, origin) : streamFailure(line, now)) ??
    cutPattern(line, now) ??
    (socket ? originWarning(line, origin) : streamBlemish(line)) ??
    heldBack(line, now)
  );
}

function socketFailure(line, origin) {
  const failure = line.failure;
  if (!failure || line.state === State.LIVE) return null;
  switch (failure.why) {
    case "no-first":
      return { code: "stream-held", seen: { what: "The WebSocket opened, and then nothing came." } };
    case "not-opened":
      break;
    default:
      return null;
  }
  if (failure.status >= 502 && failure.status <= 504) return { code: "gateway-error", seen: failure };
  switch (failure.fate) {
    case "upgrade-lost":
      return { code: "upgrade-lost" };
    case "origin-refused":
      return { code: "origin-refused", seen: { origin: failure.origin || origin, believed: believed(failure) } };
    case "refused":
      return { code: "socket-refused", seen: failure };
    case "not-logged-in":
      return { code: "not-logged-in" };
    case "nothing":
      return failure.status === 0 ? { code: "no-connection" } : { code: "socket-blocked", seen: failure };
    default:
      return failure.status === 0 ? { code: "no-connection" } : { code: "socket-unknown", seen: failure };
  }
}

// What the app takes for its own origin: it joins the first forwarded scheme and host, without looking at either.
function believed({ forwardedProto, forwardedHost, host }) {
  const first = (text) => (text ?? "").split(",")[0].trim();
  return `${first(forwardedProto).toLowerCase() || "http"}://${first(forwardedHost) || host}`;
}

function originWarning(line, origin) {
  const facts = line.facts;
  if (facts.originPasses !== false || !facts.host) return null;
  return { code: "origin-will-fail", seen: { origin: facts.origin || origin, believed: believed(facts) } };
}

function streamFailure(line, now) {
  if (line.state === State.OPENING && now - line.openingSince > HEAD_MS) {
    return held(`Nothing has come for more than ${seconds(HEAD_MS)}, not even the head of the answer.`);
  }
  if (line.state === State.OPEN && now - line.openedAt > FIRST_MS) return held("The head came, and then nothing.");
  const failure = line.failure;
  if (!failure || line.state === State.LIVE || line.state === State.OPEN) return null;
  switch (failure.why) {
    case "no-head":
      return held("Nothing came, not even the head of the answer.");
    case "no-first":
      return held("The head came, and then nothing.");
    case "not-a-stream":
      return { code: "stream-missing", seen: failure };
    case "refused":
      return { code: failure.status >= 502 && failure.status <= 504 ? "gateway-error" : "stream-refused", seen: failure };
    case "no-connection":
      return { code: "no-connection" };
    default:
      return null;
  }
}

function streamBlemish(line) {
  const { encoding, age, xCache, cdnCache } = line.facts;
  if (encoding && encoding !== "identity") return { code: "stream-compressed", seen: { encoding } };
  const hit = [xCache, cdnCache].find((value) => /\bhit\b/i.test(value ?? ""));
  if (hit || Number(age) > 0) return { code: "stream-cached", seen: { cache: hit ?? `Age: ${age}` } };
  return null;
}

// Silence beyond what a healthy app allows itself, or events that took too long to be anything but collected.
function heldBack(line, now) {
  if (line.state !== State.LIVE) return null;
  if (now - line.lastByteAt > silenceAllowed(line.route)) {
    return held(`Nothing has come for a long time; the app says something every ${line.route.heartbeat} s.`);
  }
  const recent = line.lags.slice(-LATE_IN_A_ROW);
  if (recent.length === LATE_IN_A_ROW && recent.every(([, ms]) => ms > LATE_MS)) {
    return held(`Events arrive ${seconds(recent.at(-1)[1])} late, or several at once.`);
  }
  return null;
}

// Two cuts alike are a timer: of silence if the silences are alike, of the whole if the ages are.
function cutPattern(line, now) {
  const cuts = line.cuts.filter((cut) => now - cut.at < FORGOTTEN_AFTER_MS && cut.code !== "silent" && cut.idle > 700);
  const [one, other] = cuts.slice(-2);
  if (other && alike(one.idle, other.idle)) {
    const heartbeat = line.route.heartbeat ? `${line.route.heartbeat} s` : "";
    return { code: "idle-cut", seen: { idle: seconds((one.idle + other.idle) / 2), heartbeat } };
  }
  const [first, second] = line.cuts.filter((cut) => now - cut.at < FORGOTTEN_AFTER_MS && cut.age > 2000).slice(-2);
  if (second && alike(first.age, second.age)) return { code: "age-cut", seen: { age: seconds(second.age) } };
  return null;
}

function uploadFault(result) {
  if (result.ok || result.by === "app") return null;
  if (result.status === 413 || result.smallPasses) {
    return { code: "body-refused", seen: { ...result, size: bytes(result.size) } };
  }
  return { code: result.status === 0 ? "no-connection" : "upload-broken", seen: result };
}

function held(what) {
  return { code: "stream-held", seen: { what } };
}

function alike(one, other) {
  return Math.abs(one - other) <= Math.max(ALIKE * Math.max(one, other), 300);
}

function add(found, code, path, seen) {
  const known = found.find((entry) => entry.code === code);
  if (known) known.paths.push(path);
  else found.push({ code, fault: FAULTS[code], paths: [path], seen });
}

function order({ code, fault }) {
  return fault.symptom + (code === "origin-will-fail" ? 10 : 0) + (code === "no-connection" ? -5 : 0);
}

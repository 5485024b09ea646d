// The guide's quick checklist, answered live: each point with what it was judged by. A point that nothing speaks for
// or against yet stays open.

import { State } from "./line.js";
import { bytes, seconds } from "./element.js";

export const Mark = Object.freeze({ YES: "yes", NO: "no", OPEN: "open" });

export function checklist(lines, diagnosis, { uploads = [], protocol = "", wanted = 0 } = {}) {
  const codes = new Set(diagnosis.map((entry) => entry.code));
  const of = (transport) => lines.filter((line) => line.route.transport === transport);
  const sockets = of("websocket");
  const streams = of("sse");
  const seen = (some) => some.filter((line) => line.state === State.LIVE || line.state === State.RESTING).length;
  const silence = Math.max(0, ...lines.map((line) => line.longestSilence));
  const largest = Math.max(0, ...uploads.filter((result) => result.ok).map((result) => result.size));
  const all = (some, ...bad) => judged(bad.some((code) => codes.has(code)), some.length > 0 && seen(some) === some.length);
  return [
    point(
      "WebSockets pass the proxy",
      all(sockets, "upgrade-lost", "socket-blocked", "socket-unknown", "socket-refused", "origin-refused", "not-logged-in"),
      `${seen(sockets)} of ${sockets.length} live`,
    ),
    point(
      "Event streams are not buffered or cached",
      all(streams, "stream-held", "stream-cached", "stream-missing", "stream-refused"),
      `${seen(streams)} of ${streams.length} seen live`,
    ),
    point(
      "One layer compresses: the app",
      judged(codes.has("stream-compressed"), seen(streams) > 0),
      codes.has("stream-compressed") ? "a stream arrives compressed" : "no stream arrives compressed",
    ),
    point(
      "Large bodies pass",
      judged(codes.has("body-refused") || codes.has("upload-broken"), largest > 0),
      largest ? `${bytes(largest)} passed${largest < wanted ? `; the app takes ${bytes(wanted)}` : ""}` : "not tried",
    ),
    point(
      "Time limits are long enough for streams",
      judged(codes.has("idle-cut") || codes.has("age-cut"), silence > 0),
      silence ? `the longest silence that was survived: ${seconds(silence)}` : "no silence yet",
    ),
    point(
      "Host and X-Forwarded-* say where the page was opened",
      judged(
        codes.has("origin-refused") || codes.has("origin-will-fail"),
        sockets.some((line) => line.facts.originPasses === true),
      ),
      "compared with what arrived at the app",
    ),
    point(
      "More than six connections at a time",
      protocol ? (protocol === "http/1.1" || protocol === "http/1.0" ? Mark.OPEN : Mark.YES) : Mark.OPEN,
      protocol
        ? `the browser speaks ${protocol}` + (protocol.startsWith("http/1") ? ": fine for two tabs, HTTP/2 allows more" : "")
        : "unknown",
      true,
    ),
  ];
}

function judged(isBad, isGood) {
  if (isBad) return Mark.NO;
  return isGood ? Mark.YES : Mark.OPEN;
}

function point(text, mark, by, advice = false) {
  return { text, mark, by, advice };
}

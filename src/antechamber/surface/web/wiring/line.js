// One live route as this browser sees it: what is expected of it, and a record of what came. It judges nothing
// (verdict.js does) and opens nothing (stream.js and socket.js do).

export const State = Object.freeze({
  NEW: "not tried",
  OPENING: "opening",
  OPEN: "open",
  LIVE: "live",
  RESTING: "seen well",
  CLOSED: "closed",
  FAILED: "failed",
});

const KEPT_LAGS = 60;
const KEPT_CUTS = 8;

export class Line extends EventTarget {
  constructor(route) {
    super();
    this.route = route; // { path, name, transport, heartbeat (s, 0: none), first }
    this.state = State.NEW;
    this.openingSince = 0;
    this.openedAt = 0;
    this.lastByteAt = 0;
    this.bytes = 0;
    this.opens = 0;
    this.longestSilence = 0;
    this.cuts = []; // { at, age, idle, code } of connections that had been live and were ended by somebody else
    this.lags = []; // [seconds since 1970, milliseconds]
    this.facts = {}; // what the last answer's head, or the app itself, told
    this.failure = null; // why the last attempt came to nothing: { why, status, type, server }
  }

  get reconnects() {
    return Math.max(0, this.opens - 1 - (this.rests ?? 0));
  }

  get isHeld() {
    return this.state === State.OPENING || this.state === State.OPEN || this.state === State.LIVE;
  }

  opening(now = Date.now()) {
    this.openingSince = now;
    this.openedAt = 0;
    this.#go(State.OPENING);
  }

  opened(facts = {}, now = Date.now()) {
    this.openedAt = now;
    this.lastByteAt = now;
    this.facts = { ...this.facts, ...facts };
    this.#go(State.OPEN);
  }

  // Something of the body came; live is what the app said first, not the head and not the 101.
  came(size, now = Date.now()) {
    if (this.state === State.LIVE) this.longestSilence = Math.max(this.longestSilence, now - this.lastByteAt);
    this.lastByteAt = now;
    this.bytes += size;
    if (this.state === State.OPEN) {
      this.opens += 1;
      this.failure = null;
      this.#go(State.LIVE);
    }
  }

  lag(ms, now = Date.now()) {
    this.lags.push([now / 1000, Math.max(0, ms)]);
    if (this.lags.length > KEPT_LAGS) this.lags.shift();
    this.#changed();
  }

  learned(facts) {
    this.facts = { ...this.facts, ...facts };
    this.#changed();
  }

  failed(failure) {
    this.failure = { at: Date.now(), ...failure };
    this.#go(State.FAILED);
  }

  // The other side, or somebody between, ended a connection.
  cut(code, now = Date.now()) {
    if (this.state === State.LIVE) {
      this.cuts.push({ at: now, age: now - this.openedAt, idle: now - this.lastByteAt, code });
      if (this.cuts.length > KEPT_CUTS) this.cuts.shift();
    } else {
      this.failure = { at: now, why: "ended-early", code };
    }
    this.#go(State.CLOSED);
  }

  // We ended it ourselves, because it has been seen to work.
  rest() {
    this.rests = (this.rests ?? 0) + 1;
    this.#go(this.state === State.LIVE ? State.RESTING : this.state === State.FAILED ? State.FAILED : State.NEW);
  }

  #go(state) {
    this.state = state;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

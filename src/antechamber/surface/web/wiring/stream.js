// An event stream, read with fetch: EventSource would hide the status, the type and the coding of what a proxy sent,
// which is what we are here to see. Reconnects by itself and says where it was (Last-Event-ID).

import { BackOff, FIRST_MS, GIVE_UP_ON_HEAD_MS, pause, silenceGivenUp } from "./patience.js";
import { State } from "./line.js";

const TOLD_FIELDS = {
  encoding: "content-encoding",
  cacheControl: "cache-control",
  age: "age",
  server: "server",
  via: "via",
  proxyStatus: "proxy-status",
  cdnCache: "cf-cache-status",
  xCache: "x-cache",
};

export class EventStream {
  #line;
  #url;
  #onEvent;
  #stopped = new AbortController();
  #lastEventId = "";

  constructor(line, url, onEvent = () => {}) {
    this.#line = line;
    this.#url = url;
    this.#onEvent = onEvent;
  }

  start() {
    this.#run();
    return this;
  }

  // Ends it for good; the line keeps what was seen.
  stop() {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort();
    this.#line.rest();
  }

  async #run() {
    const backOff = new BackOff();
    while (!this.#stopped.signal.aborted) {
      await this.#once();
      if (this.#stopped.signal.aborted) return;
      if (this.#line.state === State.CLOSED && this.#line.failure === null) backOff.succeeded();
      await pause(backOff.next(), this.#stopped.signal);
    }
  }

  async #once() {
    const line = this.#line;
    const attempt = new AbortController();
    const end = () => attempt.abort();
    this.#stopped.signal.addEventListener("abort", end, { once: true });
    line.opening();
    const headTimer = setTimeout(end, GIVE_UP_ON_HEAD_MS);
    try {
      const headers = { Accept: "text/event-stream" };
      if (this.#lastEventId) headers["Last-Event-ID"] = this.#lastEventId;
      const answer = await fetch(this.#url, { headers, cache: "no-store", signal: attempt.signal });
      clearTimeout(headTimer);
      if (this.#accept(answer)) await this.#read(answer.body.getReader(), attempt);
      else end();
    } catch {
      if (!this.#stopped.signal.aborted) this.#broke(attempt.signal.aborted);
    } finally {
      clearTimeout(headTimer);
      this.#stopped.signal.removeEventListener("abort", end);
    }
  }

  #accept(answer) {
    const type = (answer.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
    const facts = { status: answer.status, type };
    for (const [name, field] of Object.entries(TOLD_FIELDS)) facts[name] = answer.headers.get(field) ?? "";
    if (answer.status === 200 && type === "text/event-stream") {
      this.#line.opened(facts);
      return true;
    }
    this.#line.failed({ why: answer.ok ? "not-a-stream" : "refused", ...facts });
    return false;
  }

  async #read(reader, attempt) {
    const line = this.#line;
    const decoder = new TextDecoder();
    let rest = "";
    const limit = silenceGivenUp(line.route);
    let watchdog = setTimeout(() => attempt.abort(), Math.min(limit, FIRST_MS * 5));
    try {
      while (true) {
        const { done, value } = await reader.read();
        if (done) break;
        clearTimeout(watchdog);
        if (Number.isFinite(limit)) watchdog = setTimeout(() => attempt.abort(), limit);
        line.came(value.length);
        const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
        rest = blocks.pop();
        for (const block of blocks) this.#deliver(block);
      }
      if (!this.#stopped.signal.aborted) line.cut("ended");
    } finally {
      clearTimeout(watchdog);
    }
  }

  #deliver(block) {
    const data = [];
    for (const text of block.split(/\r?\n/)) {
      const [, name, value] = /^([^:]*):? ?(.*)$/.exec(text);
      if (name === "data") data.push(value);
      else if (name === "id" && !value.includes("\0")) this.#lastEventId = value;
    }
    if (data.length) this.#onEvent(data.join("\n"), this.#lastEventId);
  }

  // The connection broke, or we gave up waiting.
  #broke(gaveUp) {
    const line = this.#line;
    if (line.state === State.OPENING) line.failed({ why: gaveUp ? "no-head" : "no-connection" });
    else if (line.state === State.OPEN) line.failed({ why: gaveUp ? "no-first" : "ended-early" });
    else line.cut(gaveUp ? "silent" : "broken");
  }
}

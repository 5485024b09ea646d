// Every live route of an app, driven from this browser: sockets and streams that the page itself holds open are watched,
// the others are opened here. Streams take turns, since over HTTP/1.1 a browser has six connections to spend.

import { Clock } from "./clock.js";
import { Line, State } from "./line.js";
import { FIRST_MS, HEAD_MS, pause } from "./patience.js";
import { LiveSocket } from "./socket.js";
import { EventStream } from "./stream.js";
import { testUpload } from "./upload.js";
import { diagnose } from "./verdict.js";

export const QUICK_UPLOAD_BYTES = 2 * 1024 * 1024; // over nginx's default limit of 1 MB

const SHORTEST_TURN_MS = 3000;
const LONGEST_TURN_MS = 12_000;
const REST_BETWEEN_ROUNDS_MS = 45_000; // no pulses meanwhile: a silence must be long enough to be cut
const PULSE = "antechamber.pulse";

export class Wiring extends EventTarget {
  // options: routes; pulseUrl, if the app can be asked for an event; investigate(id, url), if it can be asked what
  // became of a socket; address(line): the URL of a route, or "" while it cannot be opened; uploadQuery.
  constructor(options) {
    super();
    this.options = { pulseUrl: "", uploadQuery: "", address: (line) => line.route.path, ...options };
    this.lines = options.routes.filter((route) => route.transport !== "upload").map((route) => new Line(route));
    this.uploadRoutes = options.routes.filter((route) => route.transport === "upload");
    this.uploads = [];
    this.uploading = null;
    this.clock = new Clock();
    this.held = new Set(); // lines that somebody else drives
    this.drivers = [];
    this.turn = null;
    this.running = null;
    this.early = [];
    for (const line of this.lines) line.addEventListener("change", () => this.#changed());
  }

  line(path) {
    return this.lines.find((line) => line.route.path === path);
  }

  // This line is driven elsewhere from now on.
  hold(line) {
    this.held.add(line);
    if (this.turn?.line === line) this.turn.stop();
    return line;
  }

  release(line) {
    this.held.delete(line);
  }

  get diagnosis() {
    return diagnose(this.lines, { uploads: this.uploads, origin: location.origin });
  }

  start() {
    if (this.running) return;
    this.running = new AbortController();
    for (const line of this.lines) {
      if (line.route.transport === "websocket" && !this.held.has(line)) this.drivers.push(this.#socket(line).start());
    }
    this.#takeTurns(this.running.signal);
    this.#pulses([300, 900, 1800], this.running.signal);
    if (!this.uploads.length) this.testUploads(QUICK_UPLOAD_BYTES);
  }

  stop() {
    this.running?.abort();
    this.running = null;
    for (const driver of this.drivers.splice(0)) driver.stop();
    this.turn?.stop();
  }

  // What came over a line that is driven elsewhere: pulses among it become lags.
  heard(line, value) {
    const event = value?.payload ?? value;
    if (event?.type !== PULSE) return false;
    const came = Date.now();
    if (this.clock.isSet) line.lag(came - this.clock.local(event.properties.at), came);
    else this.early.push({ line, at: event.properties.at, came });
    return true;
  }

  // What a socket on one of these lines may ask about itself.
  get inquiries() {
    return { investigate: (id, url) => this.investigate(id, url), learn: this.options.investigate ?? null };
  }

  async pulse() {
    this.options.alsoPulse?.();
    if (!this.options.pulseUrl) return;
    const sent = Date.now();
    try {
      const answer = await fetch(this.options.pulseUrl, { method: "POST", cache: "no-store" });
      if (!answer.ok) return;
      const { at } = await answer.json();
      this.clock.sample(sent, Date.now(), at);
      for (const early of this.early.splice(0)) early.line.lag(early.came - this.clock.local(early.at), early.came);
    } catch {
      // No connection: the lines say so themselves.
    }
  }

  async testUploads(size) {
    if (this.uploading) return;
    for (const route of this.uploadRoutes) {
      this.uploading = { path: route.path, size, sent: 0 };
      const onProgress = (sent) => {
        this.uploading.sent = sent;
        this.#changed();
      };
      const result = await testUpload(route.path + this.options.uploadQuery, size, { onProgress });
      this.uploads = [...this.uploads.filter((known) => known.size !== size), { ...result, path: route.path }];
      this.uploading = null;
      this.#changed();
    }
  }

  #socket(line) {
    const message = (data) => {
      if (typeof data === "string") this.heard(line, parsed(data));
    };
    return new LiveSocket(line, () => this.options.address(line), { message }, this.inquiries);
  }

  // What can be found out about a socket that did not open: an ordinary request to the same address, and the app's word.
  async investigate(id, url) {
    const plain = await plainAnswer(url);
    const told = this.options.investigate ? await this.options.investigate(id).catch(() => ({})) : {};
    return { ...plain, ...told };
  }

  async #takeTurns(signal) {
    for (let round = 0; !signal.aborted; round += 1) {
      for (const line of this.lines) {
        if (signal.aborted) return;
        const url = this.options.address(line);
        if (line.route.transport === "sse" && !this.held.has(line) && url) await this.#takeTurn(line, url, { round, signal });
      }
      const troubled = this.lines.some((line) => line.state === State.FAILED);
      if (round) await pause(troubled ? 5000 : REST_BETWEEN_ROUNDS_MS, signal);
    }
  }

  // The first round is a glance at each; later ones last until a heartbeat should have come.
  async #takeTurn(line, url, { round, signal }) {
    const over = new AbortController();
    const stream = new EventStream(line, url, (data) => this.heard(line, parsed(data)));
    this.turn = { line, stop: () => over.abort() };
    signal.addEventListener("abort", () => over.abort(), { once: true });
    stream.start();
    await becomesLive(line, HEAD_MS + FIRST_MS, over.signal);
    this.#pulses([200, 900], over.signal);
    const heartbeat = round ? line.route.heartbeat * 1200 : 0;
    await pause(Math.min(LONGEST_TURN_MS, Math.max(SHORTEST_TURN_MS, heartbeat)), over.signal);
    if (line.state !== State.LIVE && !line.failure) line.failed({ why: line.openedAt ? "no-first" : "no-head" });
    stream.stop();
    this.turn = null;
  }

  async #pulses(delays, signal) {
    for (const delay of delays) {
      await pause(delay, signal);
      if (signal.aborted) return;
      await this.pulse();
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function becomesLive(line, patience, signal) {
  return new Promise((resolve) => {
    const settle = () => {
      if (line.state !== State.LIVE && line.state !== State.FAILED && !signal.aborted) return;
      line.removeEventListener("change", settle);
      resolve();
    };
    line.addEventListener("change", settle);
    pause(patience, signal).then(() => {
      line.removeEventListener("change", settle);
      resolve();
    });
    settle();
  });
}

async function plainAnswer(url) {
  const plain = new URL(url);
  plain.protocol = plain.protocol.replace("ws", "http");
  plain.searchParams.delete("wiring");
  const timeout = AbortSignal.timeout(5000);
  try {
    const answer = await fetch(plain, { cache: "no-store", signal: timeout });
    answer.body?.cancel();
    const type = (answer.headers.get("content-type") ?? "").split(";")[0];
    return { status: answer.status, type, server: answer.headers.get("server") ?? "" };
  } catch {
    return { status: timeout.aborted ? undefined : 0 };
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

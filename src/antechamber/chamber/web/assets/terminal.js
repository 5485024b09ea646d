// Terminals: one socket for all of them (protocol 3: the octet 0x01, then JSON). A session lives in the chamber, not in
// this page: after every reconnect it is attached to again, and its snapshot replaces what was shown.

import { Refused, ask } from "./ask.js";
import { FitAddon } from "./vendor/xterm/addon-fit.mjs";
import { Terminal as Screen } from "./vendor/xterm/xterm.mjs";
import { el, say } from "./wiring/element.js";
import { LiveSocket } from "./wiring/socket.js";

const SOCKET = "/api/terminal/ws";
const TAG = 1;
const PING_MS = 45_000;
const PIECE = 16_384; // of what is typed or pasted: well below the 64 KiB that one message may have
const KEPT = "chamber.terminal";
const DARK = { background: "#101317", foreground: "#dfe3e8", cursor: "#7fd1b9", selectionBackground: "#2f6f5e99" };

export class Terminal {
  #wiring;
  #line;
  #socket = null;
  #session = "";
  #opening = null;
  #screen = null;
  #fit = null;
  #parts;
  #pinged = 0;

  constructor(container, wiring) {
    this.#wiring = wiring;
    this.#line = wiring.hold(wiring.line(SOCKET));
    this.#parts = this.#build(container);
  }

  get session() {
    return this.#session;
  }

  show() {
    this.#draw();
    this.ensure().then(() => {
      this.#refit();
      this.#screen.focus();
    });
  }

  // A session that runs, and the socket attached to it.
  ensure() {
    this.#opening ??= this.#begin().finally(() => (this.#opening = null));
    return this.#opening;
  }

  ping() {
    this.#pinged = performance.now();
    this.#send({ t: "ping" });
  }

  #build(container) {
    const box = el("div", { class: "inside" });
    const note = el("p", { class: "quiet", role: "status" });
    const fresh = el("button", { type: "button", onclick: () => this.#replace() }, "New terminal");
    container.replaceChildren(el("div", { class: "toolbar" }, fresh, note), el("div", { class: "screen" }, box));
    return { box, note };
  }

  #draw() {
    if (this.#screen) return;
    this.#screen = new Screen({ theme: DARK, fontSize: 14, lineHeight: 1.15, fontFamily: "ui-monospace, monospace", scrollback: 5000 });
    this.#fit = new FitAddon();
    this.#screen.loadAddon(this.#fit);
    this.#screen.open(this.#parts.box);
    this.#screen.onData((text) => this.#type(text));
    new ResizeObserver(() => this.#refit()).observe(this.#parts.box);
  }

  async #begin() {
    this.#session ||= sessionStorage.getItem(KEPT) ?? "";
    if (!this.#session) await this.#create();
    if (this.#socket) return;
    const on = { open: () => this.#attach(), message: (data) => this.#obey(new Uint8Array(data)) };
    this.#socket = new LiveSocket(this.#line, () => SOCKET, on, this.#wiring.inquiries).start();
    setInterval(() => this.ping(), PING_MS);
  }

  async #create() {
    try {
      const { cols, rows } = this.#screen ?? { cols: 80, rows: 24 };
      const { sessionId } = await ask("POST", "/api/terminal/create", { cwd: ".", cols, rows });
      this.#session = sessionId;
      sessionStorage.setItem(KEPT, sessionId);
      say(this.#parts.note, "");
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      say(this.#parts.note, problem.message);
    }
  }

  async #replace() {
    const old = this.#session;
    this.#send({ t: "detach", s: old });
    this.#session = "";
    await this.#create();
    this.#screen?.reset();
    this.#attach();
    if (old) await ask("DELETE", `/api/terminal/${old}`).catch(() => {});
    this.#refit();
    this.#screen?.focus();
  }

  #attach() {
    if (this.#session) this.#send({ t: "attach", s: this.#session });
    this.ping();
  }

  #obey(octets) {
    if (octets[0] !== TAG) return;
    const message = JSON.parse(new TextDecoder().decode(octets.subarray(1)));
    if (message.t === "pong" && this.#pinged) {
      this.#line.lag(performance.now() - this.#pinged);
      this.#pinged = 0;
    }
    if (message.t === "error" && message.code === "NOT_FOUND") this.#gone();
    if (message.s !== this.#session) return;
    switch (message.t) {
      case "snapshot":
        this.#screen?.reset();
        this.#screen?.write(message.d);
        this.#refit();
        break;
      case "restarted":
        this.#screen?.reset();
        break;
      case "output":
        this.#screen?.write(message.d);
        break;
      case "exit":
        say(this.#parts.note, `The shell has ended (${message.signal ?? message.exitCode}).`);
        break;
      case "error":
        if (message.fatal) say(this.#parts.note, "This terminal was closed.");
        break;
    }
  }

  // The session did not survive (a restart of the chamber, half an hour alone): start another.
  async #gone() {
    this.#session = "";
    this.#screen?.reset();
    await this.#create();
    this.#attach();
  }

  #type(text) {
    for (let at = 0; at < text.length; at += PIECE) {
      this.#send({ t: "write", s: this.#session, d: text.slice(at, at + PIECE) });
    }
  }

  #send(message) {
    const text = new TextEncoder().encode(JSON.stringify(message));
    const octets = new Uint8Array(text.length + 1);
    octets[0] = TAG;
    octets.set(text, 1);
    return this.#socket?.send(octets) ?? false;
  }

  #refit() {
    if (!this.#screen || !this.#parts.box.clientWidth) return;
    this.#fit.fit();
    const size = { cols: this.#screen.cols, rows: this.#screen.rows };
    if (this.#session && this.#sized !== `${this.#session} ${size.cols} ${size.rows}`) {
      this.#sized = `${this.#session} ${size.cols} ${size.rows}`;
      ask("POST", `/api/terminal/${this.#session}/resize`, size).catch(() => {});
    }
  }

  #sized = "";
}

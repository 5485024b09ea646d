// A WebSocket that reconnects. A browser says nothing about one that fails, so each attempt carries an id in its URL;
// whoever can find out what became of it (the app, if it offers that) is asked afterwards.

import { BackOff, FIRST_MS, SOCKET_OPEN_MS, pause, silenceGivenUp } from "./patience.js";
import { State } from "./line.js";

export class LiveSocket {
  #line;
  #url;
  #on;
  #investigate;
  #learn;
  #socket = null;
  #stopped = new AbortController();

  // url: a function that gives the URL of the next attempt. on: { open(socket), message(data) }.
  // investigate(id, url): what became of a failed one; learn(id): what the app saw of one that opened.
  constructor(line, url, on = {}, { investigate = async () => ({}), learn = null } = {}) {
    this.#learn = learn;
    this.#line = line;
    this.#url = url;
    this.#on = on;
    this.#investigate = investigate;
  }

  start() {
    this.#run();
    return this;
  }

  stop() {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort();
    this.#socket?.close();
    this.#line.rest();
  }

  // Whether it could be sent.
  send(data) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  async #run() {
    const backOff = new BackOff();
    while (!this.#stopped.signal.aborted) {
      const opensBefore = this.#line.opens;
      await this.#once();
      if (this.#line.opens > opensBefore) backOff.succeeded();
      await pause(backOff.next(), this.#stopped.signal);
    }
  }

  async #once() {
    const line = this.#line;
    const id = attemptId();
    const url = new URL(this.#url(), location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("wiring", id);
    line.opening();
    const opened = await this.#converse(url, id);
    if (this.#stopped.signal.aborted || opened) return;
    const facts = await this.#investigate(id, url).catch(() => ({}));
    if (!this.#stopped.signal.aborted) line.failed({ why: "not-opened", ...facts });
  }

  // From the attempt to its end; whether it was open at all.
  #converse(url, id) {
    return new Promise((resolve) => {
      const line = this.#line;
      const socket = (this.#socket = new WebSocket(url));
      socket.binaryType = "arraybuffer";
      let opened = false;
      let over = false;
      let timer = setTimeout(() => end("timeout"), SOCKET_OPEN_MS);
      const end = (code) => {
        if (over) return;
        over = true;
        clearTimeout(timer);
        socket.close();
        if (opened && !this.#stopped.signal.aborted) {
          if (line.state === State.OPEN && code === "silent") line.failed({ why: "no-first" });
          else line.cut(code);
        }
        resolve(opened);
      };
      const listen = (ms) => {
        clearTimeout(timer);
        if (Number.isFinite(ms)) timer = setTimeout(() => end("silent"), ms);
      };
      socket.onopen = () => {
        opened = true;
        line.opened({ status: 101 });
        listen(FIRST_MS * 2);
        this.#on.open?.(this);
        this.#learn?.(id).then((facts) => line.learned(facts)).catch(() => {});
      };
      socket.onmessage = ({ data }) => {
        if (over) return;
        line.came(typeof data === "string" ? data.length : data.byteLength);
        listen(silenceGivenUp(line.route));
        this.#on.message?.(data);
      };
      socket.onclose = ({ code }) => end(code);
      this.#stopped.signal.addEventListener("abort", () => end(1000), { once: true });
    });
  }
}

function attemptId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (octet) => octet.toString(16).padStart(2, "0")).join("");
}

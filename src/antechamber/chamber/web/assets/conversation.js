// Conversations: what the server says is true. Everything shown is kept by its id, so whatever arrives twice (by an
// event and by asking again) is shown once.

import { Refused, ask } from "./ask.js";
import { bytes, el, say } from "./wiring/element.js";
import { upload } from "./wiring/upload.js";

const AGENT = "echo";
const LARGEST_ATTACHMENT = 100 * 1024 * 1024;
const TITLE_LENGTH = 60;

export class Conversation {
  #parts;
  #sessions = new Map();
  #messages = new Map();
  #current = "";
  #loading = 0;
  #busy = new Set();
  #attached = [];

  constructor(container, live) {
    this.#parts = this.#build(container);
    live.addEventListener("resync", () => this.#resync());
    live.addEventListener("event", ({ detail }) => this.#happened(detail));
  }

  show(id) {
    if (id && id !== this.#current) this.#open(id);
    this.#parts.text.focus({ preventScroll: true });
  }

  #build(container) {
    const list = el("ul", { class: "sessions", "aria-label": "Conversations" });
    const messages = el("div", { class: "messages", role: "log", "aria-label": "Messages", tabindex: "0" });
    const text = el("textarea", {
      rows: "1",
      name: "message",
      placeholder: "Message the echo agent",
      "aria-label": "Message",
      onkeydown: (event) => this.#key(event),
      oninput: () => this.#grow(),
    });
    const chips = el("div", { class: "chips" });
    const problem = el("p", { class: "problem", role: "alert", hidden: true });
    const progress = el("progress", { max: "1", value: "0", hidden: true, "aria-label": "Sending" });
    const file = el("input", { type: "file", multiple: true, hidden: true, onchange: () => this.#attach(file) });
    const stop = el("button", { type: "button", hidden: true, onclick: () => this.#stop() }, "Stop");
    const send = el("button", { type: "submit", class: "primary" }, "Send");
    const form = el(
      "form",
      { class: "composer", onsubmit: (event) => this.#submit(event) },
      chips,
      problem,
      progress,
      el("button", { type: "button", class: "plain", onclick: () => file.click() }, "Attach"),
      file,
      text,
      stop,
      send,
    );
    const fresh = el("button", { type: "button", onclick: () => this.#open("") }, "New conversation");
    container.replaceChildren(
      el("div", { class: "side" }, fresh, list),
      el("div", { class: "talk" }, messages, form),
    );
    return { list, messages, text, chips, problem, progress, stop, send };
  }

  // --- what the server says

  async #resync() {
    try {
      const sessions = await ask("GET", "/api/session");
      this.#sessions = new Map(sessions.map((info) => [info.id, info]));
      if (this.#current && !this.#sessions.has(this.#current)) this.#lost();
      this.#drawSessions();
      if (this.#current) await this.#load();
      else this.#drawEmpty();
    } catch {
      // Not reachable just now: the next "ready" asks again.
    }
  }

  async #load() {
    const id = this.#current;
    const mine = ++this.#loading;
    const messages = await ask("GET", `/api/session/${id}/message`);
    if (id !== this.#current || mine !== this.#loading) return;
    for (const { info, parts } of messages) {
      this.#message(info);
      for (const part of parts) this.#part(part);
    }
  }

  #happened({ type, properties }) {
    switch (type) {
      case "session.created":
        this.#sessions = new Map([[properties.info.id, properties.info], ...this.#sessions]);
        this.#drawSessions();
        break;
      case "session.deleted":
        this.#sessions.delete(properties.info.id);
        if (properties.info.id === this.#current) this.#open("");
        this.#drawSessions();
        break;
      case "session.status":
        this.#busy[properties.status.type === "busy" ? "add" : "delete"](properties.sessionID);
        this.#drawBusy();
        break;
      case "message.updated":
        if (properties.info.sessionID === this.#current) this.#message(properties.info);
        break;
      case "message.part.updated":
        if (properties.part.sessionID === this.#current) this.#part(properties.part);
        break;
    }
  }

  #lost() {
    this.#current = "";
    this.#messages.clear();
    this.#parts.messages.replaceChildren(
      el("p", { class: "quiet" }, "The chamber was restarted. Its conversations live in its memory, so this one is gone."),
    );
  }

  // --- what is shown

  #message(info) {
    const known = this.#messages.get(info.id);
    if (known) {
      known.element.dataset.done = String(Boolean(info.time.completed));
      return known;
    }
    const body = el("div", { class: "said" });
    const who = info.role === "assistant" ? "Echo agent, built in: no model" : "You, or somebody else with this page";
    const time = new Date(info.time.created).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const element = el("article", { class: info.role, "data-id": info.id }, el("header", {}, who, el("time", {}, time)), body);
    element.dataset.done = String(info.role === "user" || Boolean(info.time.completed));
    if (!this.#messages.size) this.#parts.messages.replaceChildren();
    const made = { element, body, parts: new Map() };
    this.#messages.set(info.id, made);
    this.#keepAtEnd(() => this.#parts.messages.append(element));
    return made;
  }

  #part(part) {
    const message = this.#messages.get(part.messageID);
    if (!message) return;
    let shown = message.parts.get(part.id);
    if (!shown) {
      shown = part.type === "file" ? fileChip(part) : el("p");
      message.parts.set(part.id, shown);
      message.body.append(shown);
    }
    // A snapshot that was asked for may be older than what events have brought since: text only grows.
    if (part.type === "text" && part.text.length >= shown.textContent.length) {
      this.#keepAtEnd(() => say(shown, part.text));
    }
  }

  #keepAtEnd(change) {
    const box = this.#parts.messages;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    change();
    if (atEnd) box.scrollTop = box.scrollHeight;
  }

  #drawSessions() {
    this.#parts.list.replaceChildren(
      ...[...this.#sessions.values()].map((info) =>
        el(
          "li",
          { "aria-current": info.id === this.#current ? "true" : false },
          el("a", { href: `#/conversation/${info.id}` }, info.title),
          el(
            "button",
            {
              type: "button",
              class: "plain",
              "aria-label": `Delete ${info.title}`,
              onclick: () => this.#tried(ask("DELETE", `/api/session/${info.id}`)),
            },
            "×",
          ),
        ),
      ),
    );
  }

  #drawEmpty() {
    if (this.#messages.size || this.#parts.messages.childElementCount) return;
    this.#parts.messages.append(
      el(
        "div",
        { class: "empty" },
        el("h2", {}, "Say something"),
        el(
          "p",
          {},
          "A built-in echo agent answers word by word; it is no model and says so. What counts is the way: your " +
            "message goes up as a request, the answer comes down over the live connection, on every open page at once.",
        ),
        el("p", {}, "Under ", el("a", { href: "#/wiring" }, "Wiring"), " you see whether every live route works from here."),
      ),
    );
  }

  #drawBusy() {
    this.#parts.stop.hidden = !this.#busy.has(this.#current);
  }

  // --- what the person does

  async #open(id) {
    this.#current = id;
    this.#messages.clear();
    this.#parts.messages.replaceChildren();
    const hash = id ? `#/conversation/${id}` : "#/conversation";
    if (location.hash !== hash) history.replaceState(null, "", hash);
    this.#drawSessions();
    this.#drawBusy();
    if (id) await this.#tried(this.#load());
    else this.#drawEmpty();
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.#parts.text.value.trim();
    if ((!text && !this.#attached.length) || this.#parts.send.disabled) return;
    this.#parts.send.disabled = true;
    await this.#tried(this.#send(text, this.#attached));
    this.#parts.send.disabled = false;
    this.#parts.text.focus();
  }

  async #send(text, files) {
    if (!this.#current) {
      const title = (text || files[0].name).slice(0, TITLE_LENGTH);
      await this.#open((await ask("POST", "/api/session", { title })).id);
    }
    const parts = await Promise.all(files.map(inlined));
    if (text) parts.unshift({ type: "text", text });
    const body = new Blob([JSON.stringify({ agent: AGENT, parts })], { type: "application/json" });
    const bar = this.#parts.progress;
    bar.hidden = body.size < 256 * 1024;
    const onProgress = (sent, whole) => (bar.value = sent / whole);
    const result = await upload(`/api/session/${this.#current}/prompt_async`, body, { type: "application/json", onProgress });
    bar.hidden = true;
    if (result.status !== 204) throw refusal(result, body.size);
    this.#parts.text.value = "";
    this.#grow();
    this.#attached = [];
    this.#drawChips();
  }

  async #stop() {
    await this.#tried(ask("POST", `/api/session/${this.#current}/abort`, {}));
  }

  async #tried(work) {
    this.#parts.problem.hidden = true;
    try {
      await work;
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      say(this.#parts.problem, problem.message);
      this.#parts.problem.hidden = false;
    }
  }

  #attach(input) {
    const fits = [...input.files].filter((file) => file.size <= LARGEST_ATTACHMENT);
    this.#attached.push(...fits);
    input.value = "";
    this.#drawChips();
  }

  #drawChips() {
    this.#parts.chips.replaceChildren(
      ...this.#attached.map((file, index) =>
        el(
          "button",
          { type: "button", class: "chip", "aria-label": `Remove ${file.name}`, onclick: () => this.#detach(index) },
          `${file.name} · ${bytes(file.size)} ×`,
        ),
      ),
    );
  }

  #detach(index) {
    this.#attached.splice(index, 1);
    this.#drawChips();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  }

  #grow() {
    const text = this.#parts.text;
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight + 2, 200)}px`;
  }
}

function fileChip(part) {
  const size = bytes(Math.floor((part.encodedSize * 3) / 4));
  return el("p", { class: "chip", title: `SHA-256 of what arrived: ${part.encodedSha256}` }, `${part.filename || "a file"} · ${size}`);
}

function inlined(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () =>
      resolve({ type: "file", mime: file.type || "application/octet-stream", filename: file.name, url: reader.result });
    reader.onerror = () => reject(new Refused(0, `${file.name} cannot be read.`, "nobody"));
    reader.readAsDataURL(file);
  });
}

function refusal({ status, by, answer }, size) {
  if (by === "app") return new Refused(status, answer?.error ?? `The app answered ${status}.`, by);
  if (status === 413) return new Refused(status, `A proxy refused ${bytes(size)} as too large (413). See Wiring.`, by);
  if (status) return new Refused(status, `Sending failed: a proxy answered ${status}. See Wiring.`, by);
  return new Refused(0, "Sending failed: the connection broke. See Wiring.", by);
}

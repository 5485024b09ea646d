// Files below the chamber's root: looked at, taken down, sent up with progress, removed.

import { Refused, ask } from "./ask.js";
import { bytes, el, say, seconds } from "./wiring/element.js";
import { upload } from "./wiring/upload.js";

const LONGEST_SHOWN = 256 * 1024;

export class Files {
  #path = "";
  #root = "";
  #parts;
  #onUpload;

  // onUpload: told of every upload's result, so that the wiring view knows of refusals.
  constructor(container, onUpload) {
    this.#onUpload = onUpload;
    this.#parts = this.#build(container);
  }

  show() {
    this.#list(this.#path);
  }

  #build(container) {
    const input = el("input", { type: "file", multiple: true, hidden: true, onchange: () => this.#picked(input) });
    const pick = el("button", { type: "button", class: "primary", onclick: () => input.click() }, "Upload files");
    const again = el("button", { type: "button", onclick: () => this.#list(this.#path) }, "Refresh");
    const where = el("p", { class: "where" });
    const problem = el("p", { class: "problem", role: "alert", hidden: true });
    const uploads = el("ul", { class: "uploads", "aria-label": "Uploads" });
    const entries = el("ul", { class: "entries", "aria-label": "Files" });
    const preview = el("section", { class: "preview", hidden: true });
    container.replaceChildren(el("div", { class: "toolbar" }, pick, again, input, where), problem, uploads, entries, preview);
    container.addEventListener("dragover", (event) => event.preventDefault());
    container.addEventListener("drop", (event) => {
      event.preventDefault();
      for (const file of event.dataTransfer.files) this.#send(file);
    });
    return { where, problem, uploads, entries, preview };
  }

  async #list(path) {
    await this.#tried(async () => {
      const { path: absolute, entries } = await ask("GET", `/api/fs/list?path=${encodeURIComponent(path)}`);
      this.#path = path;
      if (!path) this.#root = absolute;
      say(this.#parts.where, path ? `${this.#root.split("/").at(-1) || "root"}/${path}` : absolute);
      const rows = entries.map((entry) => this.#entry(entry));
      if (path) rows.unshift(el("li", {}, el("button", { type: "button", class: "link", onclick: () => this.#list(above(path)) }, "↑ up")));
      if (!rows.length) rows.push(el("li", { class: "quiet" }, "Nothing here yet. Drop a file here, or upload one."));
      this.#parts.entries.replaceChildren(...rows);
    });
  }

  #entry(entry) {
    const path = this.#path ? `${this.#path}/${entry.name}` : entry.name;
    const query = `path=${encodeURIComponent(path)}`;
    const open = () => (entry.isDirectory ? this.#list(path) : this.#preview(path, entry));
    const name = entry.isDirectory ? `${entry.name}/` : entry.name;
    return el(
      "li",
      {},
      entry.isDirectory || entry.isFile
        ? el("button", { type: "button", class: "link name", onclick: open }, name)
        : el("span", { class: "name" }, name, el("small", {}, entry.isSymbolicLink ? " link, not followed" : " not a file")),
      el("span", { class: "figure" }, entry.isFile ? bytes(entry.size) : ""),
      el("span", { class: "figure when" }, new Date(entry.modified).toLocaleString([], { dateStyle: "short", timeStyle: "short" })),
      entry.isFile ? el("a", { href: `/api/fs/raw?${query}&download=1`, download: entry.name }, "Download") : el("span"),
      el(
        "button",
        { type: "button", class: "plain", "aria-label": `Delete ${entry.name}`, onclick: () => this.#delete(path, entry.name) },
        "Delete",
      ),
    );
  }

  async #preview(path, { name, size }) {
    const box = this.#parts.preview;
    box.hidden = false;
    box.replaceChildren(
      el("div", { class: "toolbar" }, el("h2", {}, name), el("button", { type: "button", onclick: () => (box.hidden = true) }, "Close")),
    );
    if (size > LONGEST_SHOWN) {
      box.append(el("p", { class: "quiet" }, `${bytes(size)} are too much to show here.`));
      return;
    }
    const answer = await fetch(`/api/fs/read?path=${encodeURIComponent(path)}`, { cache: "no-store" });
    box.append(el("pre", { tabindex: "0" }, answer.ok ? await answer.text() : `It cannot be read (${answer.status}).`));
  }

  async #delete(path, name) {
    if (!confirm(`Delete ${name}?`)) return;
    await this.#tried(() => ask("POST", "/api/fs/delete", { path }));
    await this.#list(this.#path);
  }

  #picked(input) {
    for (const file of input.files) this.#send(file);
    input.value = "";
  }

  async #send(file) {
    const cancel = new AbortController();
    const bar = el("progress", { max: "1", value: "0", "aria-label": `Upload of ${file.name}` });
    const words = el("span", { class: "figure", role: "status" }, "waiting");
    const end = el("button", { type: "button", class: "plain", onclick: () => cancel.abort() }, "Cancel");
    const row = el("li", {}, el("span", { class: "name" }, file.name), bar, words, end);
    this.#parts.uploads.prepend(row);
    const started = performance.now();
    const path = this.#path ? `${this.#path}/${file.name}` : file.name;
    const onProgress = (sent, whole) => {
      bar.value = whole ? sent / whole : 1;
      const speed = sent / Math.max(0.001, (performance.now() - started) / 1000);
      const left = sent < whole ? `, ${seconds(((whole - sent) / speed) * 1000)} left` : ", being written";
      say(words, `${bytes(sent)} of ${bytes(whole)}, ${bytes(Math.round(speed))}/s${left}`);
    };
    const url = `/api/fs/upload?path=${encodeURIComponent(path)}&overwrite=true`;
    const result = await upload(url, file, { onProgress, signal: cancel.signal });
    end.remove();
    row.dataset.result = result.ok ? "done" : "failed";
    bar.value = result.ok ? 1 : bar.value;
    say(words, cancel.signal.aborted ? "cancelled" : outcome(result, file.size));
    if (!cancel.signal.aborted) this.#onUpload({ ...result, path: "/api/fs/upload", size: file.size });
    if (result.ok) await this.#list(this.#path);
  }

  async #tried(work) {
    this.#parts.problem.hidden = true;
    try {
      await work();
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      say(this.#parts.problem, problem.message);
      this.#parts.problem.hidden = false;
    }
  }
}

function outcome({ ok, status, by, answer, ms }, size) {
  if (ok) return `${bytes(size)} in ${seconds(ms)}, SHA-256 ${answer.sha256.slice(0, 12)}…`;
  if (by === "app") return answer?.error ?? `refused by the app (${status})`;
  if (status === 413) return "refused by a proxy: its limit for uploads is too small (413)";
  return status ? `refused by a proxy (${status})` : "the connection broke off";
}

function above(path) {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

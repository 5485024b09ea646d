// Notifications: a toast and a list on every page; the system's own where the person allowed that, and is elsewhere.

import { el, say } from "./wiring/element.js";

const TOAST_MS = 6000;
const KEPT = 50;

export class Notices {
  #bell;
  #badge;
  #panel;
  #toasts;
  #list = el("ul", {});
  #unread = 0;

  constructor(live) {
    this.#bell = document.getElementById("bell");
    this.#badge = document.getElementById("unread");
    this.#panel = document.getElementById("notices");
    this.#toasts = document.getElementById("toasts");
    this.#build();
    live.addEventListener("notice", ({ detail }) => this.#came(detail));
    navigator.serviceWorker?.register("/sw.js").catch(() => {}); // only in a secure context
  }

  #build() {
    const allow = el("button", { type: "button", onclick: () => this.#allow(allow) }, "Show them outside this page, too");
    allow.hidden = !("Notification" in window) || Notification.permission !== "default" || !isSecureContext;
    this.#panel.append(el("h2", {}, "Notifications"), allow, this.#list);
    this.#list.append(el("li", { class: "quiet" }, "None yet."));
    this.#bell.addEventListener("click", () => this.#toggle(this.#panel.hidden));
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.#toggle(false));
  }

  #toggle(open) {
    this.#panel.hidden = !open;
    this.#bell.setAttribute("aria-expanded", String(open));
    if (open) this.#count(0);
  }

  #came({ title, body, sessionId }) {
    const link = () => el("a", { href: `#/conversation/${sessionId}` }, el("strong", {}, title), el("span", {}, body ?? ""));
    if (!this.#unread && this.#list.querySelector(".quiet")) this.#list.replaceChildren();
    this.#list.prepend(el("li", {}, link(), el("time", {}, new Date().toLocaleTimeString())));
    while (this.#list.childElementCount > KEPT) this.#list.lastElementChild.remove();
    if (this.#panel.hidden) this.#count(this.#unread + 1);
    if (!document.hidden && location.hash.endsWith(sessionId)) return; // it is being read
    const toast = el("div", { class: "toast" }, link());
    this.#toasts.append(toast);
    setTimeout(() => toast.remove(), TOAST_MS);
    if (document.hidden) this.#outside(title, body ?? "");
  }

  async #outside(title, body) {
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const worker = await navigator.serviceWorker?.getRegistration();
    await worker?.showNotification(title, { body, icon: "/assets/icon.svg" });
  }

  async #allow(button) {
    await Notification.requestPermission();
    button.hidden = true;
  }

  #count(unread) {
    this.#unread = unread;
    this.#badge.hidden = unread === 0;
    say(this.#badge, unread > 99 ? "99+" : String(unread));
  }
}

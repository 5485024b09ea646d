// The password, where one is set. Resolves once the page is logged in.

import { Refused, ask } from "./ask.js";
import { el, say } from "./wiring/element.js";

export async function logIn(container) {
  if (await isLoggedIn()) return;
  container.hidden = false;
  await new Promise((done) => build(container, done));
  container.hidden = true;
}

async function isLoggedIn() {
  try {
    await ask("GET", "/auth/session");
    return true;
  } catch (problem) {
    if (problem instanceof Refused && problem.status === 401) return false;
    throw problem;
  }
}

function build(container, done) {
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const password = el("input", { type: "password", name: "password", autocomplete: "current-password", required: true });
  const trust = el("input", { type: "checkbox", name: "trust" });
  const submit = async (event) => {
    event.preventDefault();
    try {
      await ask("POST", "/auth/session", { password: password.value, trustDevice: trust.checked });
      done();
    } catch (refused) {
      problem.hidden = false;
      say(problem, refused.status === 401 ? "That is not the password." : refused.message);
      password.select();
    }
  };
  container.replaceChildren(
    el(
      "form",
      { class: "login", onsubmit: submit },
      el("h2", {}, "This chamber asks for a password"),
      el("label", {}, "Password", password),
      el("label", { class: "check" }, trust, "Remember this device for a week"),
      problem,
      el("button", { type: "submit", class: "primary" }, "Log in"),
    ),
  );
  password.focus();
}

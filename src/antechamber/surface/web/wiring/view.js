// The wiring view: what is wrong in plain words first, then every route with what is seen beside what is expected, then
// the checklist. It reads a Wiring and draws; it decides nothing.

import { LagChart } from "./chart.js";
import { checklist } from "./checklist.js";
import { bytes, el, say, seconds } from "./element.js";
import { State } from "./line.js";
import { reportText } from "./report.js";
import { SYMPTOMS } from "./symptoms.js";
import { Health, faultOf, healthOf } from "./verdict.js";

const REDRAW_MS = 500;
const KINDS = { websocket: "WebSocket", sse: "event stream" };
const MARKS = { yes: "✓", no: "✗", open: "·" };

export class WiringView {
  #wiring;
  #settings;
  #parts;
  #rows = new Map();
  #timer = 0;
  #shown = "";

  // settings: { title, wanted: octets that an upload may have, or 0 }
  constructor(container, wiring, settings) {
    this.#wiring = wiring;
    this.#settings = { ...settings, protocol: protocolSpoken() };
    this.#parts = this.#build();
    container.replaceChildren(...Object.values(this.#parts.sections));
    for (const line of wiring.lines) this.#rows.set(line, this.#row(line));
    this.#parts.routes.append(...[...this.#rows.values()].map((row) => row.element));
  }

  show() {
    this.#wiring.start();
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  hide() {
    clearInterval(this.#timer);
    this.#wiring.stop();
  }

  get report() {
    return reportText(this.#wiring, this.#settings);
  }

  #build() {
    const summary = el("p", { class: "summary", role: "status" });
    const faults = el("div", { class: "faults" });
    const routes = el("div", { class: "routes", role: "table", "aria-label": "Live routes" }, heading());
    const points = el("ul", { class: "checklist" });
    const upload = el("p", { class: "upload-result", role: "status" });
    const bar = el("progress", { max: "1", value: "0", hidden: true, "aria-label": "Upload test" });
    const copied = el("span", { class: "quiet", role: "status" });
    const buttons = el(
      "div",
      { class: "actions" },
      el("button", { type: "button", onclick: () => this.#copy(copied) }, "Copy the result"),
      this.#wiring.options.pulseUrl
        ? el("button", { type: "button", onclick: () => this.#wiring.pulse() }, "Send a pulse")
        : null,
      this.#settings.wanted
        ? el(
            "button",
            { type: "button", onclick: () => this.#wiring.testUploads(this.#settings.wanted) },
            `Test an upload of ${bytes(this.#settings.wanted)}`,
          )
        : null,
      copied,
    );
    const sections = {
      summary: el("section", { class: "verdict" }, summary, faults, buttons, upload, bar),
      routes: el("section", {}, el("h2", {}, "Live routes"), routes),
      points: el("section", {}, el("h2", {}, "Checklist"), points),
    };
    return { sections, summary, faults, routes, points, upload, bar };
  }

  #row(line) {
    const { route } = line;
    const dot = el("span", { class: "dot", "aria-hidden": "true" });
    const state = el("span");
    const chart = el("span", { class: "chart", "aria-hidden": "true" });
    const lag = el("span", { class: "figure" });
    const last = el("span", { class: "figure" });
    const cuts = el("span", { class: "figure" });
    const expected = el("span", { class: "quiet" }, expectation(route));
    const element = el(
      "div",
      { class: "route", role: "row", "data-path": route.path },
      el("div", { role: "cell", class: "state" }, dot, state),
      el("div", { role: "cell", class: "path" }, el("code", {}, route.path), el("small", {}, `${KINDS[route.transport]} · ${route.name}`)),
      el("div", { role: "cell", class: "lag" }, lag, chart),
      el("div", { role: "cell", "data-label": "last byte" }, last),
      el("div", { role: "cell", "data-label": "reconnects" }, cuts),
      el("div", { role: "cell", class: "expected" }, expected),
    );
    return { element, state, lag, last, cuts, chart, drawing: null };
  }

  #draw() {
    const now = Date.now();
    const diagnosis = this.#wiring.diagnosis;
    for (const [line, row] of this.#rows) this.#drawRow(line, row, now);
    this.#drawVerdict(diagnosis);
    this.#drawUpload();
    const points = checklist(this.#wiring.lines, diagnosis, {
      uploads: this.#wiring.uploads,
      protocol: this.#settings.protocol,
      wanted: this.#settings.wanted,
    });
    this.#parts.points.replaceChildren(...points.map(pointItem));
  }

  #drawRow(line, row, now) {
    const health = healthOf(line, now, location.origin);
    row.element.dataset.health = health;
    row.element.dataset.fault = faultOf(line, now, location.origin)?.code ?? "";
    say(row.state, stateText(line, health));
    const ms = line.lags.at(-1)?.[1];
    say(row.lag, ms === undefined ? "–" : seconds(ms));
    say(row.last, line.lastByteAt ? `${seconds(now - line.lastByteAt)} ago` : "–");
    say(row.cuts, String(line.reconnects));
    if (line.lags.length) {
      row.drawing ??= new LagChart(row.chart);
      row.drawing.draw(line.lags);
    }
  }

  #drawVerdict(diagnosis) {
    const broken = diagnosis.length;
    const health = this.#wiring.lines.map((line) => healthOf(line, Date.now(), location.origin));
    const well = health.filter((one) => one === Health.WELL).length;
    this.#parts.sections.summary.dataset.health = broken ? Health.BROKEN : well === health.length ? Health.WELL : Health.TRYING;
    say(
      this.#parts.summary,
      broken
        ? `${broken} ${broken === 1 ? "thing is" : "things are"} wrong between this browser and the app.`
        : well === health.length
          ? `All ${well} live routes work from here.`
          : `${well} of ${health.length} live routes work so far; the rest is being tried.`,
    );
    const shown = JSON.stringify(diagnosis.map(({ code, paths, says }) => [code, paths, says]));
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#parts.faults.replaceChildren(...diagnosis.map(faultCard));
  }

  #drawUpload() {
    const { uploading, uploads } = this.#wiring;
    this.#parts.bar.hidden = !uploading;
    if (uploading) {
      this.#parts.bar.value = uploading.sent / uploading.size;
      say(this.#parts.upload, `Upload test: ${bytes(uploading.sent)} of ${bytes(uploading.size)}`);
    } else {
      say(this.#parts.upload, uploads.length ? `Upload test: ${uploads.map(uploadWords).join("; ")}.` : "");
    }
  }

  async #copy(note) {
    try {
      await navigator.clipboard.writeText(this.report);
      say(note, "Copied.");
    } catch {
      this.#offer(this.report); // no clipboard without https: the text is shown, selected
    }
  }

  #offer(text) {
    const area = el("textarea", { readonly: true, rows: "16", "aria-label": "The result as text" });
    area.value = text;
    this.#parts.sections.summary.querySelector("textarea")?.remove();
    this.#parts.sections.summary.append(area);
    area.select();
  }
}

function heading() {
  const names = ["State", "Route", "Event lag", "Last byte", "Reconnects", "Expected"];
  return el("div", { class: "route head", role: "row" }, ...names.map((name) => el("div", { role: "columnheader" }, name)));
}

function expectation({ first, heartbeat }) {
  const says = first ? `first ${first.replaceAll('"', "").replace(/^t(ype)?:/, "")}` : "something at once";
  return heartbeat ? `${says}, then never silent for more than ${heartbeat} s` : says;
}

function stateText(line, health) {
  if (health === Health.BROKEN) return line.state === State.LIVE ? "troubled" : "broken";
  return line.state === State.FAILED ? "trying again" : line.state;
}

function faultCard({ code, fault, paths, says }) {
  return el(
    "article",
    { class: "fault", "data-code": code },
    el("p", { class: "symptom" }, `Symptom ${fault.symptom}: ${SYMPTOMS[fault.symptom]}`),
    el("h3", {}, fault.title),
    el("p", {}, says),
    el("p", { class: "where" }, "Seen on ", ...paths.flatMap((path, index) => [index ? ", " : "", el("code", {}, path)])),
    el(
      "dl",
      {},
      ...Object.entries(fault.look).flatMap(([where, what]) => [el("dt", {}, where), el("dd", {}, what)]),
    ),
    fault.rule ? el("p", { class: "quiet" }, "More: ", el("code", {}, `antechamber explain ${fault.rule}`)) : null,
  );
}

function pointItem({ text, mark, by }) {
  return el(
    "li",
    { "data-mark": mark },
    el("span", { class: "mark", "aria-label": { yes: "yes", no: "no", open: "not known" }[mark], role: "img" }, MARKS[mark]),
    el("span", {}, text, el("small", {}, by)),
  );
}

function uploadWords({ ok, size, status, by, ms }) {
  if (ok) return `${bytes(size)} passed in ${seconds(ms)}`;
  return `${bytes(size)} ${status ? `refused with ${status} by ${by === "app" ? "the app" : "a proxy"}` : "broke off"}`;
}

function protocolSpoken() {
  return performance.getEntriesByType("navigation")[0]?.nextHopProtocol ?? "";
}

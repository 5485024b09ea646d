// The page put together: log in, hold the live connections, show one view at a time by the URL's fragment.

import { ask } from "./ask.js";
import { Conversation } from "./conversation.js";
import { Files } from "./files.js";
import { Live } from "./live.js";
import { logIn } from "./login.js";
import { Notices } from "./notices.js";
import { Terminal } from "./terminal.js";
import { say } from "./wiring/element.js";
import { SYMPTOMS } from "./wiring/symptoms.js";
import { WiringView } from "./wiring/view.js";
import { Wiring } from "./wiring/wiring.js";

const BELOW = "/.well-known/antechamber/chamber";
const VIEWS = ["conversation", "terminal", "files", "wiring"];
const LOOK_MS = 1000;
const TRY_AGAIN_MS = 2000;

const place = (id) => document.getElementById(id);

async function start() {
  await logIn(place("login"));
  const { routes, limits } = await ask("GET", `${BELOW}/routes.json`);
  const wiring = new Wiring({
    routes,
    pulseUrl: `${BELOW}/pulse`,
    uploadQuery: "?discard=1",
    investigate: (id) => ask("GET", `${BELOW}/arrivals?id=${id}`),
    alsoPulse: () => terminal.ping(),
    address: ({ route }) => (route.path.includes(":id") ? terminalPath(route.path, terminal.session) : route.path),
  });
  const live = new Live(wiring);
  const terminal = new Terminal(place("terminal"), wiring);
  const conversation = new Conversation(place("conversation"), live);
  const files = new Files(place("files"), (result) => {
    wiring.uploads = [...wiring.uploads.filter((known) => known.size !== result.size), result];
  });
  new Notices(live);
  const board = new WiringView(place("wiring"), wiring, { title: "Wiring of the chamber", wanted: limits.upload });
  const wiringView = {
    show: () => terminal.ensure().finally(() => board.show()),
    hide: () => board.hide(),
  };
  live.start();
  showBy({ conversation, terminal, files, wiring: wiringView });
  setInterval(() => drawConnection(wiring, live), LOOK_MS);
}

function terminalPath(path, session) {
  return session && path.replace(":id", session);
}

// Which view the fragment names: #/conversation/ses_…, #/terminal, #/files, #/wiring.
function showBy(views) {
  let shown = "";
  const turn = () => {
    const [, name, rest] = /^#\/([a-z]+)(?:\/(.*))?$/.exec(location.hash) ?? [null, "conversation", ""];
    const next = VIEWS.includes(name) ? name : "conversation";
    if (next !== shown) views[shown]?.hide?.();
    for (const view of VIEWS) place(view).hidden = view !== next;
    for (const link of document.querySelectorAll("nav a")) {
      if (link.dataset.view === next) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (next !== shown || next === "conversation") views[next].show(rest);
    shown = next;
  };
  addEventListener("hashchange", turn);
  turn();
}

function drawConnection(wiring, live) {
  const state = live.isLive ? "live" : "down";
  const element = place("connection");
  element.parentElement.dataset.state = state;
  say(element, live.isLive ? `live by ${live.transport}` : "no live connection");
  const [worst] = wiring.diagnosis.filter(({ code }) => code !== "origin-will-fail");
  const alarm = place("alarm");
  alarm.hidden = !worst;
  if (worst) say(alarm, `Symptom ${worst.fault.symptom}: ${SYMPTOMS[worst.fault.symptom]}. ${worst.fault.title}.`);
}

async function startOrTryAgain() {
  try {
    await start();
  } catch (problem) {
    console.error(problem);
    say(place("connection"), "the app does not answer; trying again");
    setTimeout(startOrTryAgain, TRY_AGAIN_MS);
  }
}

startOrTryAgain();

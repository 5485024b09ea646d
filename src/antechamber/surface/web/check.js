// The browser check: the wiring view over the edge's own ways and the app's routes, whatever the app is.

import { say } from "./wiring/element.js";
import { WiringView } from "./wiring/view.js";
import { Wiring } from "./wiring/wiring.js";

const answer = await fetch("routes.json", { cache: "no-store" });
const { app, routes, limits } = await answer.json();
say(document.getElementById("app"), app);
const investigate = async (id) => (await fetch(`attempts?id=${id}`, { cache: "no-store" })).json();
const wiring = new Wiring({ routes, pulseUrl: "pulse", investigate });
new WiringView(document.getElementById("wiring"), wiring, { title: `Connection check of ${app}`, wanted: limits.upload }).show();

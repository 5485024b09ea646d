// The whole result as text, for a ticket or a mail. It names routes and figures; no cookie, no token, no message.

import { checklist } from "./checklist.js";
import { seconds } from "./element.js";
import { SYMPTOMS } from "./symptoms.js";
import { healthOf } from "./verdict.js";

export function reportText(wiring, { title, protocol, wanted }) {
  const diagnosis = wiring.diagnosis;
  const points = checklist(wiring.lines, diagnosis, { uploads: wiring.uploads, protocol, wanted });
  return [
    `${title}: ${location.origin}`,
    `${new Date().toISOString()}  ${protocol || "protocol unknown"}  ${navigator.userAgent}`,
    "",
    diagnosis.length ? "What is wrong" : "Nothing is wrong as far as this browser can see.",
    ...diagnosis.flatMap(faultText),
    "",
    "Routes",
    ...wiring.lines.map(lineText),
    ...wiring.uploads.map(uploadText),
    "",
    "Checklist",
    ...points.map(({ text, mark, by }) => `  [${{ yes: "x", no: "!", open: " " }[mark]}] ${text} (${by})`),
    "",
  ].join("\n");
}

function faultText({ fault, paths, says }) {
  return [
    `  ${fault.title}${fault.rule ? ` (${fault.rule})` : ""}`,
    `    symptom: ${SYMPTOMS[fault.symptom]}`,
    `    seen on: ${paths.join(", ")}`,
    `    ${says}`,
    ...Object.entries(fault.look).map(([where, what]) => `    ${where}: ${what}`),
  ];
}

function lineText(line) {
  const lags = line.lags.map(([, ms]) => ms).sort((one, other) => one - other);
  const facts = [
    healthOf(line, Date.now(), location.origin),
    line.state,
    lags.length ? `lag ${seconds(lags[Math.floor(lags.length / 2)])} (median of ${lags.length})` : "lag unknown",
    `longest silence ${seconds(line.longestSilence)}`,
    `${line.reconnects} reconnects`,
  ];
  return `  ${line.route.transport.padEnd(9)} ${line.route.path.padEnd(30)} ${facts.join(", ")}`;
}

function uploadText({ path, size, status, by, ok, ms }) {
  return `  upload    ${path.padEnd(30)} ${size} octets: ${ok ? "passed" : `refused (${status}) by ${by}`} in ${seconds(ms)}`;
}

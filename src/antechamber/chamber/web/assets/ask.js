// Requests and their refusals. A refusal says who spoke: this app answers under /api in JSON, a proxy with its own page.

export class Refused extends Error {
  constructor(status, problem, by) {
    super(problem);
    this.status = status;
    this.by = by; // "app", "proxy" or "nobody"
  }
}

export async function ask(method, path, body) {
  const options = { method, headers: {}, cache: "no-store" };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refused(0, "Nothing answers: the app, the proxy or the network is down.", "nobody");
  }
  if (answer.status === 204) return null;
  const type = (answer.headers.get("content-type") ?? "").split(";")[0];
  if (type !== "application/json") throw new Refused(answer.status, inWords(answer.status), "proxy");
  const value = await answer.json();
  if (!answer.ok) throw new Refused(answer.status, value.error ?? inWords(answer.status), "app");
  return value;
}

function inWords(status) {
  if (status === 413) return "A proxy refused this as too large (413): its limit for request bodies is too small.";
  if (status >= 502 && status <= 504) return `A proxy answered ${status}: it does not reach the app.`;
  return `The answer (${status}) is not the app's.`;
}

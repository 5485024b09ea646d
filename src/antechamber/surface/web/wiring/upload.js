// A body on its way up: XMLHttpRequest, because fetch does not tell progress. Whoever refuses is told apart by its
// answer: this app's refusals are JSON, a proxy's are its own page.

export const SMALL_BYTES = 1024;

// Resolves to { ok, status, by, type, sent, ms, steps, answer }; never rejects.
export function upload(url, body, { onProgress = () => {}, type = "application/octet-stream", signal } = {}) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const started = performance.now();
    let sent = 0;
    let steps = 0;
    request.open("POST", url);
    request.setRequestHeader("Content-Type", type);
    request.upload.onprogress = (event) => {
      sent = event.loaded;
      steps += 1;
      onProgress(event.loaded, event.total);
    };
    request.onloadend = () => {
      const kind = (request.getResponseHeader("content-type") ?? "").split(";")[0];
      resolve({
        ok: request.status >= 200 && request.status < 300 && kind === "application/json",
        status: request.status,
        by: request.status === 0 ? "nobody" : kind === "application/json" ? "app" : "proxy",
        type: kind,
        server: request.getResponseHeader("server") ?? "",
        sent,
        steps,
        ms: performance.now() - started,
        answer: kind === "application/json" ? parsed(request.responseText) : null,
      });
    };
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

// Sends `size` octets of noise, and says whether it was their number that did not pass.
export async function testUpload(url, size, options = {}) {
  const result = { ...(await upload(url, noise(size), options)), size };
  if (result.ok || result.status === 413 || size <= SMALL_BYTES) return result;
  const small = await upload(url, noise(SMALL_BYTES));
  return { ...result, smallPasses: small.ok };
}

function noise(size) {
  const block = crypto.getRandomValues(new Uint8Array(65_536)); // all that one call may give
  const blocks = Array.from({ length: Math.floor(size / block.length) }, () => block);
  return new Blob([...blocks, block.slice(0, size % block.length)]);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// What people see when a proxy breaks a live app: the four symptoms that OpenChamber's reverse-proxy guide lists, and
// for each fault that this browser can tell apart its symptom, its cause in plain words, and what to look for.

export const SYMPTOMS = Object.freeze({
  1: "The page loads, but sending messages fails",
  2: "Notifications or live status do not update",
  3: "Uploading files fails",
  4: "Everything works locally, but breaks behind the proxy",
});

// Each fault: symptom; rule: the id in the catalogue (antechamber explain ID), if there is one; says: what is wrong;
// look: what to look for, by product. `says` gets what was seen.
export const FAULTS = Object.freeze({
  "upgrade-lost": {
    symptom: 1,
    rule: "AC101",
    title: "The proxy drops the WebSocket upgrade",
    says: () =>
      "The browser asked for a WebSocket, and the app received an ordinary request: a proxy on the way removed the " +
      "Upgrade and Connection headers, or speaks HTTP/1.0 to the app.",
    look: {
      nginx: "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";",
      "Nginx Proxy Manager": "the switch “Websockets Support” of this host",
      Caddy: "reverse_proxy upgrades by itself: look at the hop in front of it",
    },
  },
  "socket-blocked": {
    symptom: 1,
    rule: "AC101",
    title: "WebSockets do not get through",
    says: ({ status }) =>
      "The browser asked for a WebSocket, and nothing of it reached the app" +
      (status ? `; an ordinary request to the same address is answered ${status}.` : "."),
    look: {
      nginx: "a location for this path, with the Upgrade and Connection headers",
      CDN: "the switch that turns WebSockets on (Cloudflare: Network)",
      "in an office": "a web filter or antivirus that inspects traffic",
    },
  },
  "socket-unknown": {
    symptom: 1,
    title: "A WebSocket does not open",
    says: ({ status, type }) =>
      "The browser cannot say why" +
      (status ? `; an ordinary request to the same address is answered ${status}${type ? ` ${type}` : ""}.` : "."),
    look: {
      "200 text/html": "the Upgrade header is lost on the way",
      403: "Host, X-Forwarded-Host or X-Forwarded-Proto do not match the page's address",
      401: "the login cookie does not arrive",
    },
  },
  "socket-refused": {
    symptom: 1,
    title: "The app refuses the WebSocket",
    says: ({ status }) => `The upgrade passed the proxy, and the app answered ${status} instead of opening it.`,
    look: {
      403: "the app compares the page's address with Host and X-Forwarded-*: an outer proxy changes one of them",
      "200, 404": "this release of the app has no such route, or its path is rewritten",
    },
  },
  "origin-refused": {
    symptom: 4,
    rule: "AC104",
    title: "The app does not recognise its own address",
    says: ({ origin, believed }) =>
      `The page was opened at ${origin}, but the proxy's headers tell the app that it is at ${believed}. So it takes ` +
      "every WebSocket for another site's and answers 403.",
    look: {
      nginx:
        "proxy_set_header Host $http_host; X-Forwarded-Host $http_host; X-Forwarded-Proto $scheme; in every location " +
        "that sets any header, since such a location inherits none",
      Caddy: "header_up Host {host} is enough; nothing else should set X-Forwarded-*",
      "two proxies": "the inner one must pass on what the outer one said",
    },
  },
  "origin-will-fail": {
    symptom: 4,
    rule: "AC504",
    title: "With a password set, every WebSocket would be refused",
    says: ({ origin, believed }) =>
      `The page was opened at ${origin}, but the proxy's headers tell the app that it is at ${believed}. Without a ` +
      "password nobody checks this; with one, every WebSocket gets 403.",
    look: {
      nginx: "proxy_set_header Host $http_host; and X-Forwarded-Proto $scheme; in every location that sets a header",
      "two proxies": "the inner one must pass on what the outer one said",
    },
  },
  "not-logged-in": {
    symptom: 1,
    rule: "AC512",
    title: "The login does not arrive with the WebSocket",
    says: () => "The upgrade arrived without a valid session cookie: this browser is not logged in, or the cookie is lost.",
    look: {
      "this browser": "log in to the app first",
      "any proxy": "whatever removes the Cookie header, or the query, on this path",
    },
  },
  "stream-held": {
    symptom: 2,
    rule: "AC201",
    title: "The proxy buffers an event stream",
    says: ({ what }) => `${what} A proxy on the way collects the answer instead of passing it on.`,
    look: {
      nginx: "proxy_buffering off; proxy_cache off; and no proxy_ignore_headers X-Accel-Buffering",
      Caddy: "flush_interval -1",
      CDN: "a rule that turns buffering and caching off for the paths of the streams",
    },
  },
  "stream-compressed": {
    symptom: 4,
    rule: "AC604",
    title: "The proxy compresses live traffic",
    says: ({ encoding }) =>
      `An event stream arrives with Content-Encoding: ${encoding}. The app never compresses its streams, so a proxy ` +
      "does, and whatever compresses may hold events back until there is enough of them.",
    look: {
      nginx: "gzip off; for this site, or gzip_types without text/event-stream",
      Caddy: "encode only where the type is not text/event-stream",
      CDN: "compression off: one layer compresses, and that is the app",
    },
  },
  "stream-cached": {
    symptom: 2,
    rule: "AC607",
    title: "An event stream comes out of a cache",
    says: ({ cache }) => `The answer says of itself that it was stored (${cache}). What it tells is over.`,
    look: { nginx: "proxy_cache off; on the streams", CDN: "bypass the cache for everything under /api" },
  },
  "stream-missing": {
    symptom: 2,
    rule: "AC207",
    title: "A page comes where a stream should",
    says: ({ type }) =>
      `The answer is ${type || "of no type"}, not text/event-stream: the path does not reach the app's stream.`,
    look: {
      "any proxy": "a path that is rewritten, a prefix that is added or removed",
      "the app": "a release that has this route no more",
    },
  },
  "stream-refused": {
    symptom: 2,
    title: "An event stream is refused",
    says: ({ status, server }) => `It is answered ${status}${server ? ` by ${server}` : ""}.`,
    look: { 401: "log in to the app first; if you have, its cookie is lost on the way", 403: "an access rule of the proxy", "502, 504": "the app is down" },
  },
  "idle-cut": {
    symptom: 2,
    rule: "AC403",
    title: "The proxy ends quiet connections",
    says: ({ idle, heartbeat }) =>
      `It was cut each time nothing had been sent for about ${idle}` +
      (heartbeat ? `; the app is silent for up to ${heartbeat} when all is well.` : "."),
    look: {
      nginx: "proxy_read_timeout 3600s; proxy_send_timeout 3600s;",
      HAProxy: "timeout tunnel, and timeout server on the streams",
      Caddy: "read_timeout and write_timeout in transport http",
      CDN: "its own limit for idle connections (Cloudflare: 100 s)",
    },
  },
  "age-cut": {
    symptom: 2,
    rule: "AC204",
    title: "Something ends connections at a fixed age",
    says: ({ age }) => `It was cut each time after about ${age}, whatever passed.`,
    look: { "a load balancer": "a limit on the whole duration of a request or a connection" },
  },
  "body-refused": {
    symptom: 3,
    rule: "AC301",
    title: "The proxy's limit for uploads is too small",
    says: ({ size, status, smallPasses }) =>
      status === 413
        ? `${size} were refused with 413 by a proxy, not by the app.`
        : `${size} did not pass (the connection ended)${smallPasses ? ", while a small body does" : ""}.`,
    look: {
      nginx: "client_max_body_size 140m; (the default is 1 MB)",
      "Nginx Proxy Manager": "the same line, in the Advanced tab",
      CDN: "its own limit (Cloudflare Free: 100 MB)",
    },
  },
  "upload-broken": {
    symptom: 3,
    title: "An upload does not arrive",
    says: ({ status, server }) => (status ? `It is answered ${status}${server ? ` by ${server}` : ""}.` : "It breaks off."),
    look: { 401: "the login cookie is lost on the way", "502, 504": "the app is down, or the proxy does not wait for it" },
  },
  "no-connection": {
    symptom: 4,
    title: "Nothing answers",
    says: () => "The connection fails: the proxy is down, or the network is.",
    look: { "any proxy": "is it running, does it listen on this name and port" },
  },
  "gateway-error": {
    symptom: 4,
    rule: "AC517",
    title: "The proxy does not reach the app",
    says: ({ status }) => `It answers ${status} in the app's place.`,
    look: { "any proxy": "the app's address and port in its configuration; is the app running" },
  },
});

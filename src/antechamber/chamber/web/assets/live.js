// What this page holds open, as the real app's does: one socket for everything that happens (with the event stream as
// its fallback), one stream of notifications, one of the app's own events.

import { State } from "./wiring/line.js";
import { LiveSocket } from "./wiring/socket.js";
import { EventStream } from "./wiring/stream.js";

const SOCKET = "/api/global/event/ws";
const FALLBACK = "/api/global/event";
const NOTIFICATIONS = "/api/notifications/stream";
const APP_EVENTS = "/api/openchamber/events";

// Dispatches "event" (detail: an event of the bus), "notice" (detail: a notification) and "resync": what happened in
// between may be missing, ask for it.
export class Live extends EventTarget {
  #wiring;
  #lastEventId = "";
  #fallback = null;

  constructor(wiring) {
    super();
    this.#wiring = wiring;
  }

  start() {
    const line = this.#wiring.hold(this.#wiring.line(SOCKET));
    const message = (data) => this.#fromSocket(line, JSON.parse(data));
    new LiveSocket(line, () => this.#socketUrl(), { message }, this.#wiring.inquiries).start();
    line.addEventListener("change", () => this.#mind(line));
    this.#stream(NOTIFICATIONS, ({ type, properties }) => {
      if (type === "openchamber:notification") this.#tell("notice", properties);
    });
    this.#stream(APP_EVENTS, (event) => this.#tell("app-event", event));
  }

  get isLive() {
    return this.#wiring.line(SOCKET).state === State.LIVE || this.#wiring.line(FALLBACK).state === State.LIVE;
  }

  get transport() {
    return this.#wiring.line(SOCKET).state === State.LIVE ? "WebSocket" : "event stream";
  }

  #socketUrl() {
    return this.#lastEventId ? `${SOCKET}?lastEventId=${encodeURIComponent(this.#lastEventId)}` : SOCKET;
  }

  #fromSocket(line, frame) {
    if (frame.type === "ready") this.#tell("resync");
    if (frame.type === "event") this.#happened(line, frame.payload, frame.eventId ?? "");
  }

  #happened(line, event, id) {
    if (id) this.#lastEventId = id;
    if (!this.#wiring.heard(line, event)) this.#tell("event", event);
  }

  // The socket is the first choice; as long as it fails, the event stream stands in.
  #mind(socket) {
    if (socket.state === State.FAILED && !this.#fallback) {
      const line = this.#wiring.hold(this.#wiring.line(FALLBACK));
      this.#fallback = new EventStream(line, FALLBACK, (data, id) => {
        const { payload } = JSON.parse(data);
        if (payload.type === "server.connected") this.#tell("resync");
        this.#happened(line, payload, id);
      });
      setTimeout(() => this.#fallback?.start()); // after whoever held the line has let go
    } else if (socket.state === State.LIVE && this.#fallback) {
      const fallback = this.#fallback;
      this.#fallback = null;
      fallback.stop();
      this.#wiring.release(this.#wiring.line(FALLBACK));
    }
  }

  #stream(path, onEvent) {
    const line = this.#wiring.hold(this.#wiring.line(path));
    new EventStream(line, path, (data) => {
      const event = JSON.parse(data);
      if (!this.#wiring.heard(line, event)) onEvent(event);
    }).start();
  }

  #tell(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

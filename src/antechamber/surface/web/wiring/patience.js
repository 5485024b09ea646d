// How long to wait, in one place: for heads, for first messages, between heartbeats, before the next attempt.

export const HEAD_MS = 6000; // a head that takes longer is being held back
export const GIVE_UP_ON_HEAD_MS = 30_000;
export const SOCKET_OPEN_MS = 10_000;
export const FIRST_MS = 6000; // from the head, or the 101, to what the app says first
export const LATE_MS = 1500; // an event that took longer was collected on the way

const BACK_OFF_MS = [250, 500, 1000, 2000, 4000, 5000];

export function silenceAllowed(route) {
  return route.heartbeat ? route.heartbeat * 1500 + 2000 : Infinity;
}

export function silenceGivenUp(route) {
  return route.heartbeat ? route.heartbeat * 3000 + 5000 : Infinity;
}

// Waits between attempts: longer and longer, up to five seconds; at once again after a connection that was live.
export class BackOff {
  #failures = 0;

  succeeded() {
    this.#failures = 0;
  }

  next() {
    const wait = BACK_OFF_MS[Math.min(this.#failures, BACK_OFF_MS.length - 1)];
    this.#failures += 1;
    return wait * (0.8 + 0.4 * Math.random());
  }
}

export function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

// The difference between two clocks, from round trips: the shortest one bounds the error best (RFC 5905, section 8).

const KEPT = 8;

export class Clock {
  #samples = [];

  // A request was sent and answered at these local times; in between the other clock showed `at`. Milliseconds.
  sample(sent, answered, at) {
    this.#samples.push({ trip: answered - sent, offset: at - (sent + answered) / 2 });
    if (this.#samples.length > KEPT) this.#samples.shift();
  }

  get isSet() {
    return this.#samples.length > 0;
  }

  // The local time of what the other clock called `at`.
  local(at) {
    const best = this.#samples.reduce((one, other) => (other.trip < one.trip ? other : one));
    return at - best.offset;
  }
}

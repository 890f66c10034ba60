// How often locks are taken, by how many who had to wait, and how long one was held.

import { element } from "../dom.js";
import { number } from "../texts.js";

const SHORT = 0.1; // milliseconds, below which microseconds are told

export class Locks {
  constructor(body, card) {
    this.body = body;
    this.card = card;
    this.before = new Map();
    this.rows = new Map();
  }

  show(locks) {
    this.card.hidden = !locks.length;
    if (locks.length !== this.rows.size || locks.some(({ name }) => !this.rows.has(name))) {
      this.rows = new Map(locks.map(({ name }) => [name, row(name)]));
      this.body.replaceChildren(...this.rows.values());
    }
    for (const lock of locks) {
      const before = this.before.get(lock.name);
      // Since measuring began, where it began anew; over a second at least, for a rate.
      const since = before && before.seconds <= lock.seconds ? before : null;
      const taken = lock.taken - (since?.taken ?? 0);
      const seconds = lock.seconds - (since?.seconds ?? 0);
      if (seconds < 1) continue;
      const contended = lock.contended - (since?.contended ?? 0);
      const cells = this.rows.get(lock.name).children;
      cells[1].textContent = number(taken / seconds, 0);
      cells[2].textContent = taken ? `${number((100 * contended) / taken, 1)} %` : "–";
      cells[3].textContent = lock.taken ? duration(lock.longest_ms) : "–";
      this.before.set(lock.name, lock);
    }
  }
}

function row(name) {
  const cell = () => element("td", { class: "number" }, "–");
  return element("tr", {}, element("th", { scope: "row" }, name), cell(), cell(), cell());
}

function duration(milliseconds) {
  if (milliseconds < SHORT) return `${number(1000 * milliseconds, 0)} µs`;
  return `${number(milliseconds, milliseconds < 10 ? 2 : 0)} ms`;
}

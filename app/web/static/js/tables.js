// Answers of the API as rows that views can show, and the jobs that they came from.

import { answer, submit } from "./api.js";

/** What was asked and what came of it: {id, statistic, body, data}. */
export class Answers {
  /**
   * `asks(statistic)` returns the name of the dataset to ask, null where the server takes it anyway.
   * `waits(id)` is called when a job was accepted, and its answer is waited for; `changed()` when
   * an answer is not of the dataset of the others.
   */
  constructor({ asks, waits, changed }) {
    this.known = new Map();
    this.asks = asks;
    this.waits = waits;
    this.changed = changed;
    this.version = null;
  }

  /** Return the answer to a question; one that is known already is not asked for again. */
  async ask(statistic, asked, signal) {
    const dataset = this.asks(statistic);
    const body = dataset ? { ...asked, dataset } : asked;
    const key = JSON.stringify([statistic, body]);
    const known = this.known.get(key);
    if (known) return known;
    const id = await submit(statistic, body, signal);
    this.waits(id);
    const answered = { id, statistic, body, data: await answer(id, signal) };
    const version = answered.data.about?.dataset;
    if (version && this.version && version !== this.version) this.changed();
    this.version ??= version ?? null;
    this.known.set(key, answered);
    return answered;
  }

  /** Ask once more what the server has forgotten the answer to. */
  async renew(asked) {
    asked.id = await submit(asked.statistic, asked.body);
    await answer(asked.id);
  }

  /** Forget all answers: the server may have been started anew. */
  forget() {
    this.known.clear();
  }
}

/** Return the rows of an answer's table as objects. */
export function objects({ columns, rows }) {
  return rows.map((row) => Object.fromEntries(columns.map((name, place) => [name, row[place]])));
}

// Answers of the API as rows that views can show, and the jobs that they came from.

import { answer, submit } from "./api.js";

/** What was asked and what came of it: {id, statistic, body, data}. */
export class Answers {
  /**
   * `waits(id)` is called when a job was accepted, and its answer is waited for; `changed()` when
   * an answer is not of the dataset of the others.
   */
  constructor({ waits, changed }) {
    this.known = new Map();
    this.waits = waits;
    this.changed = changed;
    this.dataset = null;
  }

  /** Return the answer to a question; one that is known already is not asked for again. */
  async ask(statistic, body, signal) {
    const key = JSON.stringify([statistic, body]);
    const known = this.known.get(key);
    if (known) return known;
    const id = await submit(statistic, body, signal);
    this.waits(id);
    const asked = { id, statistic, body, data: await answer(id, signal) };
    const dataset = asked.data.about?.dataset;
    if (dataset && this.dataset && dataset !== this.dataset) this.changed();
    this.dataset ??= dataset ?? null;
    this.known.set(key, asked);
    return asked;
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

// Answers of the API, as rows that views can show.

import { ApiError, answerPath, json } from "../api.js";
import { t } from "../texts.js";

const TRIED = "reloaded for"; // a version of the dataset, in the tab's storage

/** Asks for answers, all of one version of the dataset: that of the page's lists. */
export class Answers {
  /**
   * `digest` is that of the dataset, whose version is how it begins; `asks(statistic)` returns the name
   * to ask it by, null where the server takes it anyway.
   */
  constructor(digest, asks) {
    this.digest = digest;
    this.asks = asks;
  }

  /** Return what asks a question, as {statistic, body}. */
  of(statistic, asked) {
    const dataset = this.asks(statistic);
    return { statistic, body: dataset ? { ...asked, dataset } : asked };
  }

  /** Return the same with its answer, as {statistic, body, data}. */
  async ask(statistic, asked, signal, cache) {
    const question = this.of(statistic, asked);
    const path = answerPath(statistic, question.body);
    let data = await json(path, { signal, cache });
    // One that the browser, or a cache on the way, has kept may be of the dataset before.
    if (!this.#isOfNow(data)) data = await json(path, { signal, cache: "reload" });
    if (!this.#isOfNow(data)) await this.#catchUp(data.about.dataset);
    return { ...question, data };
  }

  /** Return the same where the server has such an answer; null where it has none, or fails at it. */
  async askIfAny(statistic, asked, signal) {
    try {
      return await this.ask(statistic, asked, signal);
    } catch (error) {
      if (["refused", "failed"].includes(error.kind)) return null;
      throw error;
    }
  }

  /** Tell whether an answer is of this version; those of the course's statistics do not tell. */
  #isOfNow({ about }) {
    return !about?.dataset || this.digest.startsWith(about.dataset);
  }

  /** Load the page anew, with the lists of a dataset that was reloaded; where that was no help, say so. */
  async #catchUp(version) {
    if (sessionStorage.getItem(TRIED) === version) {
      sessionStorage.removeItem(TRIED);
      throw new ApiError("changing", t("errors.changing"));
    }
    sessionStorage.setItem(TRIED, version);
    window.location.reload();
    await new Promise(() => {}); // the page ends before
  }
}

/** Return the rows of an answer's table as objects. */
export function objects({ columns, rows }) {
  return rows.map((row) => Object.fromEntries(columns.map((name, place) => [name, row[place]])));
}

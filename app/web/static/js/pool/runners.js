// What each runner does now, and what it did last.

import { button, element } from "../dom.js";
import { number, t } from "../texts.js";

const MOST = 64; // rows

export class Runners {
  constructor(body, open) {
    this.body = body;
    this.open = open;
    this.rows = new Map();
    this.last = new Map();
  }

  show({ runners, runs }) {
    for (const run of runs) {
      const before = this.last.get(run.runner);
      if (!before || before.ended <= run.ended) this.last.set(run.runner, run);
    }
    const shown = runners.slice(0, MOST);
    for (const { name } of shown) if (!this.rows.has(name)) this.rows.set(name, this.#row(name));
    for (const [name, { row }] of this.rows) {
      if (shown.some((one) => one.name === name)) continue;
      row.remove();
      this.rows.delete(name);
    }
    for (const runner of shown) {
      const row = this.rows.get(runner.name);
      const last = this.last.get(runner.name);
      fill(row.now, runner.job_id, runner.statistic, t("pool.runners.idle"));
      fill(row.last, last?.job_id, last?.statistic, "–");
      row.took.textContent = last ? `${number(last.ended - last.began, 1)} ms` : "–";
    }
  }

  #row(name) {
    const part = () => {
      const link = button("", () => this.open(link.dataset.job));
      link.classList.add("quiet");
      const text = element("span");
      return { link, text, cell: element("td", {}, link, text) };
    };
    const [now, last] = [part(), part()];
    const took = element("td", { class: "number" });
    const head = element("th", { scope: "row" }, name);
    const row = element("tr", { "data-runner": name }, head, now.cell, last.cell, took);
    this.body.append(row);
    return { row, now, last, took };
  }
}

function fill({ link, text }, jobId, statistic, none) {
  link.hidden = !jobId;
  if (jobId && link.dataset.job !== jobId) {
    link.dataset.job = jobId;
    link.textContent = jobId;
  }
  const words = jobId ? ` ${statistic}` : none;
  if (text.textContent !== words) text.textContent = words;
}

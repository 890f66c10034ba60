// The rows of the table of jobs: one for each, changed in place, so that the focus stays.

import { element } from "./dom.js";
import { language, number, t } from "./texts.js";

const CELLS = ["job", "status", "asked", "accepted", "started", "ended", "took"];
const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
const calendar = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });

export class JobRows {
  /** `cancel(job)` and `details(job)` are called for the buttons of a row. */
  constructor(body, { cancel, details }) {
    this.body = body;
    this.events = { cancel, details };
    this.rows = new Map();
  }

  /** Show these jobs, in this order. */
  show(jobs) {
    const shown = jobs.map((job) => {
      const row = this.rows.get(job.job_id) ?? this.#make(job);
      row.tell(job);
      return [job.job_id, row];
    });
    this.rows = new Map(shown);
    const wanted = shown.map(([, row]) => row.node);
    // Rows that stay where they are keep the focus; the others move around them.
    for (const node of [...this.body.children]) if (!wanted.includes(node)) node.remove();
    wanted.forEach((node, place) => {
      if (this.body.children[place] !== node)
        this.body.insertBefore(node, this.body.children[place]);
    });
  }

  #make(job) {
    const cells = Object.fromEntries(
      CELLS.map((name) => [name, element("td", { class: `job-${name}` })]),
    );
    const badge = element("span", { class: "badge" });
    cells.status.append(badge);
    const button = (name, told) =>
      element(
        "button",
        {
          type: "button",
          class: "button quiet",
          "aria-label": `${told} ${job.job_id}`,
          click: () => this.events[name](job),
        },
        told,
      );
    const cancel = button("cancel", t("jobs.cancel"));
    const details = button("details", t("jobs.details"));
    const actions = element("td", { class: "job-actions" }, cancel, details);
    const node = element("tr", { "data-job": job.job_id }, ...Object.values(cells), actions);
    const tell = (now) => {
      set(cells.job, now.job_id);
      badge.dataset.status = now.status;
      set(badge, t(`jobs.statuses.${now.status}`));
      const asked = now.reason ? `${now.asked}\n${now.reason}` : now.asked;
      if (cells.asked.dataset.told !== asked) {
        cells.asked.dataset.told = asked;
        cells.asked.replaceChildren(now.asked);
        if (now.reason) cells.asked.append(element("span", { class: "job-reason" }, now.reason));
      }
      set(cells.accepted, time(now.accepted_at));
      set(cells.started, time(now.started_at));
      set(cells.ended, time(now.ended_at));
      set(cells.took, seconds(now.running_seconds));
      const had = document.activeElement === cancel;
      cancel.hidden = now.status !== "queued";
      if (had && cancel.hidden) details.focus(); // who works by keyboard stays in the row
    };
    return { node, tell };
  }
}

/** Return how long something took, such as "0.012 s". */
export function seconds(value) {
  if (value === null || value === undefined) return "–";
  return t("jobs.seconds", { value: number(value, value < 1 ? 3 : 1) });
}

/** Return a time of today as such, another with its date. */
export function time(text) {
  if (!text) return "–";
  const when = new Date(text);
  const today = when.toDateString() === new Date().toDateString();
  return (today ? clock : calendar).format(when);
}

function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// The table of jobs, as it changes: a request waits at the server until something does.

import { pause, read, send } from "./api.js";
import { noteTrouble } from "./connection.js";
import { start } from "./frame.js";
import { showDetails } from "./job_details.js";
import { JobRows } from "./job_rows.js";
import { offer } from "./job_take.js";
import { count, number, t } from "./texts.js";

const WAIT_SECONDS = 25;
const BREATH = 300; // milliseconds between two answers: a busy server changes all the time
const TYPING = 300; // milliseconds without a letter until a search begins
const NAMES = ["status", "text", "before"];

class Jobs {
  constructor() {
    this.news = null; // what came of a cancel, as {text, bad}, until something else is asked for
    this.filters = document.getElementById("filters").elements;
    this.message = document.getElementById("message");
    this.rows = new JobRows(document.getElementById("rows"), {
      cancel: (job) => this.cancel(job),
      details: (job) => showDetails(job.job_id),
    });
    this.older = document.getElementById("older");
    this.newest = document.getElementById("newest");
    document
      .getElementById("filters")
      .addEventListener("submit", (event) => event.preventDefault());
    this.filters.status.addEventListener("change", () =>
      this.ask({ ...this.asked, status: this.filters.status.value, before: "" }),
    );
    this.filters.text.addEventListener("input", () => {
      clearTimeout(this.typing);
      const then = () =>
        this.ask({ ...this.asked, text: this.filters.text.value.trim(), before: "" });
      this.typing = setTimeout(then, TYPING);
    });
    this.older.addEventListener("click", () => this.ask({ ...this.asked, before: this.next }));
    this.newest.addEventListener("click", () => this.ask({ ...this.asked, before: "" }));
    window.addEventListener("popstate", () => this.follow());
    offer(
      () => this.#address(),
      (error) => this.say(error.message, true),
    );
  }

  /** Show what the address asks for. */
  follow() {
    clearTimeout(this.typing); // what was typed is not what the address says
    const given = new URLSearchParams(window.location.search);
    this.asked = Object.fromEntries(NAMES.map((name) => [name, given.get(name) ?? ""]));
    this.filters.status.value = this.asked.status;
    this.filters.text.value = this.asked.text;
    this.watch();
  }

  /** Ask for other jobs, as a step that one can go back from. */
  ask(asked) {
    this.asked = asked;
    this.news = null;
    const address = new URL(window.location);
    for (const name of NAMES) {
      address.searchParams.delete(name);
      if (asked[name]) address.searchParams.set(name, asked[name]);
    }
    window.history.pushState(null, "", address);
    this.watch();
  }

  /** Keep what is shown up to date, until something else is asked for. */
  async watch() {
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    let state = null;
    while (!signal.aborted) {
      try {
        const told = await read(this.#address(state), { signal });
        signal.throwIfAborted();
        state = told.state;
        this.show(told);
        await pause(BREATH, signal);
      } catch (error) {
        if (signal.aborted) return;
        state = null;
        noteTrouble(error);
        this.say(error.kind === "token" ? "" : error.message, true);
        if (["token", "refused"].includes(error.kind)) return;
        await pause(1000, signal).catch(() => {});
      }
    }
  }

  show(told) {
    const { workers, queue, jobs } = told;
    tell("server", t(told.accepting ? "jobs.accepting" : "jobs.stopping"));
    tell(
      "workers",
      t("jobs.busy", { busy: number(workers.busy, 0), total: number(workers.total, 0) }),
    );
    tell("queue", count("jobs.waiting", queue.waiting));
    tell("kept", number(jobs.kept, 0));
    this.tellAnswers(told.answers);
    document.getElementById("meter-workers").value = workers.total
      ? workers.busy / workers.total
      : 0;
    document.getElementById("meter-queue").value = queue.limit ? queue.waiting / queue.limit : 0;
    if (!told.accepting) noteTrouble({ kind: "stopping" });
    this.rows.show(told.page);
    this.next = told.before;
    this.older.disabled = !told.before;
    this.newest.disabled = !this.asked.before;
    const filtered = this.asked.status || this.asked.text || this.asked.before;
    if (!told.page.length) this.say(t(filtered ? "jobs.none_like" : "jobs.none"));
    else this.say(this.news?.text ?? "", this.news?.bad);
    document.getElementById("counted").textContent = count("jobs.shown", told.page.length);
  }

  /** Tell how many answers there were that no job was made for, once there are any. */
  tellAnswers(answers) {
    const told = Object.entries(answers).map(([kind, n]) => [kind, number(n, 0)]);
    tell("answers", t("jobs.answers", Object.fromEntries(told)));
    document.getElementById("gauge-answers").hidden = !Object.values(answers).some(Boolean);
  }

  async cancel({ job_id: jobId }) {
    try {
      await send(`/api/jobs/${jobId}`, { method: "DELETE" });
      this.news = { text: t("jobs.cancelled", { job: jobId }), bad: false };
    } catch (error) {
      noteTrouble(error);
      this.news = { text: error.message, bad: true };
    }
    this.say(this.news.text, this.news.bad);
  }

  say(text, bad = false) {
    if (this.message.textContent !== text) this.message.textContent = text;
    this.message.classList.toggle("error", bad);
  }

  #address(state = null) {
    const asked = new URLSearchParams();
    for (const name of NAMES) if (this.asked[name]) asked.set(name, this.asked[name]);
    if (state) {
      asked.set("since", state);
      asked.set("wait", WAIT_SECONDS);
    }
    return asked.size ? `/api/activity?${asked}` : "/api/activity";
  }
}

function tell(name, text) {
  const node = document.getElementById(`gauge-${name}`);
  if (node.textContent !== text) node.textContent = text;
}

start();
new Jobs().follow();

// The page of the pool, as it works: a request waits at the server until something happens.

import { pause, read, send } from "../api.js";
import { noteTrouble } from "../connection.js";
import { save } from "../dom.js";
import { start } from "../frame.js";
import { showDetails } from "../job_details.js";
import { count, number, t } from "../texts.js";
import { Colours } from "./colours.js";
import { Depth } from "./depth.js";
import { Lanes } from "./lanes.js";
import { Locks } from "./locks.js";
import { Runners } from "./runners.js";
import { Teach } from "./teach.js";
import { showWay } from "./way.js";

const WAIT_SECONDS = 20;
const SETTLED_SECONDS = 2; // after which what happens in a second is nothing any more
const BREATH = 100; // milliseconds between two answers

class Pool {
  constructor() {
    const at = (id) => document.getElementById(id);
    this.message = at("message");
    this.colours = new Colours(at("legend"));
    this.lanes = new Lanes(at("lanes"), at("lanes-told"), this.colours, showDetails);
    this.runners = new Runners(at("runners"), showDetails);
    this.depth = new Depth(at("depth"), at("depth-told"));
    this.locks = new Locks(at("locks"), at("locks-card"));
    this.teach = new Teach(at("teach"), (text, bad) => this.say(text, bad));
    at("take-trace").addEventListener("click", () => this.takeTrace());
  }

  /** Keep what is shown up to date. */
  async watch() {
    let told = null;
    let failed = false;
    for (;;) {
      try {
        told = await read(this.#address(told));
        if (failed || !this.shown) this.say("");
        [failed, this.shown] = [false, true];
        this.show(told);
        await pause(BREATH);
      } catch (error) {
        told = null;
        failed = true;
        noteTrouble(error);
        this.say(error.kind === "token" ? "" : error.message, true);
        if (["token", "refused"].includes(error.kind)) return;
        await pause(1000);
      }
    }
  }

  #address(told) {
    if (!told) return "/api/pool";
    // While something happens, rates have to be told until they are nothing.
    const busy = told.jobs.running || Object.values(told.per_second).some(Boolean);
    const wait = busy ? SETTLED_SECONDS : WAIT_SECONDS;
    const asked = { since: told.state, wait, ...(told.count && { after: told.count }) };
    return `/api/pool?${new URLSearchParams(asked)}`;
  }

  show(told) {
    const { runners, queue, jobs, answers, webs } = told;
    const busy = runners.filter(({ job_id: jobId }) => jobId).length;
    const total = number(runners.length, 0);
    tell("threads", t("jobs.busy", { busy: number(busy, 0), total }));
    note("threads", webs.length ? t("pool.processes", { webs: number(webs.length, 0) }) : "");
    tell("queue", count("jobs.waiting", queue.waiting));
    note("queue", queue.permits === null ? "" : count("pool.permits", queue.permits));
    tell("done", number(told.per_second.done, 0));
    note("done", count("pool.finished", jobs.finished));
    for (const [name, times] of [
      ["queued", told.queued_ms],
      ["ran", told.running_ms],
    ]) {
      const known = times.p50 !== null;
      tell(name, known ? t("pool.median", { value: short(times.p50) }) : "–");
      note(name, known ? t("pool.worst", { value: short(times.p99) }) : "");
    }
    const areKnown = !webs.length; // workers do not tell
    tell("answers", areKnown ? count("pool.computed", answers.computed) : "–");
    note("answers", areKnown ? count("pool.cached", answers.cached) : "");
    showWay(told.per_second);
    this.lanes.show(told);
    this.runners.show(told);
    this.depth.show(queue.waiting);
    this.locks.show(told.locks);
    this.teach.show(told.slow_motion);
    if (!told.accepting) noteTrouble({ kind: "stopping" });
  }

  async takeTrace() {
    try {
      const answer = await send("/api/trace");
      save(await answer.blob(), "trace.json");
    } catch (error) {
      this.say(error.message, true);
    }
  }

  say(text, bad = false) {
    if (this.message.textContent !== text) this.message.textContent = text;
    this.message.classList.toggle("error", bad);
  }
}

function tell(name, text) {
  const node = document.getElementById(`gauge-${name}`);
  if (node.textContent !== text) node.textContent = text;
}

function note(name, text) {
  const node = document.getElementById(`note-${name}`);
  if (node.textContent !== text) node.textContent = text;
}

function short(milliseconds) {
  if (milliseconds < 1) return number(milliseconds, 2);
  return number(milliseconds, milliseconds < 100 ? 1 : 0);
}

const pool = new Pool();
start(() => pool.colours.forget());
pool.watch();

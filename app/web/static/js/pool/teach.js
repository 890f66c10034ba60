// Slow motion, of a server that was started to teach.

import { send } from "../api.js";
import { button, element } from "../dom.js";
import { count, t } from "../texts.js";

const JOBS = 500;

export class Teach {
  /** `say` tells a sentence, or that something went wrong. */
  constructor(card, say) {
    this.card = card;
    this.say = say;
    this.paused = false;
    this.shown = "";
    this.known = -1; // how many changes there were when what is shown was told
    this.changing = 0; // changes that are on their way to the server
    this.threads = document.getElementById("teach-threads");
    this.pause = document.getElementById("teach-pause");
    this.step = document.getElementById("teach-step");
    this.paces = [...card.querySelectorAll("[name=pace]")];
    for (const pace of this.paces) {
      pace.addEventListener("change", () => this.#change({ step_ms: Number(pace.value) }));
    }
    this.pause.addEventListener("click", () => this.#change({ paused: !this.paused }));
    this.step.addEventListener("click", () => this.#change({ step: true }));
    const on = (name, act) =>
      document.getElementById(`teach-${name}`).addEventListener("click", () => this.#try(act));
    on("send", async () => {
      await send("/api/teach/jobs", { method: "POST", body: { count: JOBS } });
      this.say(count("pool.teach.sent", JOBS));
    });
    on("cancel", async () => {
      const answer = await (await send("/api/teach/jobs", { method: "DELETE" })).json();
      this.say(count("pool.teach.cancelled", answer.data.cancelled));
    });
    on("drain", () => send("/api/graceful_shutdown"));
  }

  /** Show how things stand; nothing of a server that does not teach. */
  show(slow) {
    this.card.hidden = !slow;
    const now = JSON.stringify(slow);
    // What was told before the latest click would undo it, until the next answer.
    if (!slow || now === this.shown || this.changing || slow.changes < this.known) return;
    this.shown = now;
    this.known = slow.changes;
    this.paused = slow.paused;
    this.pause.textContent = t(`pool.teach.${slow.paused ? "resume" : "pause"}`);
    this.step.disabled = !slow.waiting.length;
    for (const pace of this.paces) pace.checked = Number(pace.value) === slow.step_ms;
    this.#showThreads(slow);
  }

  #showThreads({ waiting, paused }) {
    // The focus stays with the thread that it was on, also where that waits before another step.
    const focused = document.activeElement?.dataset?.thread;
    const rows = !paused ? [] : waiting.map((one) => this.#thread(one));
    this.threads.replaceChildren(...rows);
    if (!focused) return;
    const buttons = rows.map((row) => row.lastChild);
    (buttons.find(({ dataset }) => dataset.thread === focused) ?? this.step).focus();
  }

  #thread({ thread, step, job_id: jobId }) {
    const words = {
      thread: jobId ? `${thread}, ${jobId},` : thread,
      step: t(`pool.teach.steps.${step}`),
    };
    const go = button(t("pool.teach.go"), () => this.#change({ step: thread }));
    go.dataset.thread = thread;
    go.setAttribute("aria-label", t("pool.teach.let", { thread }));
    const told = element("span", {}, t("pool.teach.waits", words));
    return element("li", { "data-step": step }, told, go);
  }

  #change(body) {
    return this.#try(async () => {
      let told;
      this.changing += 1;
      try {
        told = await (await send("/api/teach", { method: "PUT", body })).json();
      } finally {
        this.changing -= 1;
        this.shown = ""; // a choice that was refused is taken back
      }
      this.show(told.data);
    });
  }

  async #try(act) {
    try {
      this.say("");
      await act();
    } catch (error) {
      this.say(error.message, true);
    }
  }
}

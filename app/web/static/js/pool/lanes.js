// A lane for each runner, a block for each job of the last seconds.
//
// A run is {job_id, runner, statistic, queued_ms, began, ended, how}, on the server's clock in
// milliseconds; `ended` is null of one that goes on.

import { count, number, t } from "../texts.js";
import { drawingOn } from "./colours.js";

const SHOWN = 10_000; // milliseconds
const LANE = 34; // pixels
const [NAMES, SHORT_NAMES] = [148, 92]; // of which the names of lanes take so many
const NARROW = 600;
const AXIS = 20;
const ROOM = 3; // around a block
const LABELLED = 46; // a block of so many pixels has its number on it
const MANY = 3000; // blocks: then they are drawn less often
const [OFTEN, SELDOM] = [33, 200]; // milliseconds between two pictures
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

export class Lanes {
  constructor(canvas, told, colours, open) {
    this.canvas = canvas;
    this.told = told;
    this.colours = colours;
    this.runs = new Map(); // by job, in the order in which they ended
    this.running = [];
    this.names = [];
    this.ahead = null; // what the server's clock is ahead of this one
    this.pointed = null;
    this.drawn = 0;
    canvas.addEventListener("pointermove", (event) => this.#point(event));
    canvas.addEventListener("pointerleave", () => this.#tell((this.pointed = null)));
    canvas.addEventListener("click", () => this.pointed && open(this.pointed.job_id));
    requestAnimationFrame(() => this.#frame());
    setInterval(() => document.hidden || this.#tell(), 250); // time passes between two answers, too
  }

  /** Take in what the server tells of its pool. */
  show({ now, runners, runs }) {
    const ahead = now - performance.now();
    // The answer that took the least time on its way is the nearest to the truth; but a clock that
    // stood still, as in a sleeping laptop, is no measure.
    const jumped = this.ahead !== null && Math.abs(ahead - this.ahead) > SHOWN;
    this.ahead = this.ahead === null || jumped ? ahead : Math.max(this.ahead, ahead);
    for (const run of runs) {
      this.runs.set(run.job_id, run);
      this.colours.of(run.statistic); // in the legend, also where its block is too short to see
    }
    this.running = runners
      .filter((one) => one.job_id && !this.runs.has(one.job_id))
      .map(({ name, ...job }) => ({ ...job, runner: name, ended: null }));
    const names = runners.map(({ name }) => name);
    const before = names.length;
    for (const run of this.runs.values()) if (!names.includes(run.runner)) names.push(run.runner);
    this.names = names.slice(0, Math.max(before, 24));
    const height = `${this.names.length * LANE + AXIS}px`;
    if (this.canvas.style.height !== height) this.canvas.style.height = height;
    this.#forget(now - 1.5 * SHOWN);
    this.#tell();
    if (STILL.matches) this.#draw();
  }

  #forget(before) {
    for (const [id, run] of this.runs) if (run.ended < before) this.runs.delete(id);
  }

  #frame() {
    const now = performance.now();
    const pause = this.runs.size > MANY ? SELDOM : OFTEN;
    if (!STILL.matches && !document.hidden && now - this.drawn >= pause) {
      this.drawn = now;
      this.#draw();
    }
    requestAnimationFrame(() => this.#frame());
  }

  #now() {
    return performance.now() + (this.ahead ?? 0);
  }

  #draw() {
    const { context, width, height } = drawingOn(this.canvas);
    const soft = getComputedStyle(this.canvas).color;
    const paper = getComputedStyle(this.canvas).backgroundColor;
    const now = this.#now();
    const names = namesOn(width);
    const place = (at) => names + ((at - now + SHOWN) / SHOWN) * (width - names);
    context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    context.textBaseline = "middle";
    context.fillStyle = context.strokeStyle = soft;
    context.lineWidth = 0.5;
    this.names.forEach((name, lane) => {
      context.fillText(shortened(name, width), 8, (lane + 0.5) * LANE);
      context.beginPath();
      context.moveTo(0, (lane + 1) * LANE);
      context.lineTo(width, (lane + 1) * LANE);
      context.stroke();
    });
    for (let second = 0; second < SHOWN / 1000; second += width < NARROW ? 5 : 2) {
      const x = place(now - second * 1000);
      context.textAlign = second ? "center" : "right";
      context.fillText(second ? `−${second} s` : "0 s", second ? x : x - 4, height - AXIS / 2);
    }
    context.textAlign = "start";
    const lanes = new Map(this.names.map((name, lane) => [name, lane]));
    const drawnTo = new Map(); // by lane: where nothing more can be told apart
    for (const run of [...this.runs.values(), ...this.running]) {
      const lane = lanes.get(run.runner);
      const [left, right] = [Math.max(names, place(run.began)), place(run.ended ?? now)];
      if (lane === undefined || right < names || right - (drawnTo.get(lane) ?? 0) < 0.3) continue;
      drawnTo.set(lane, right);
      this.#block(context, run, lane, left, Math.max(1, right - left), paper);
    }
  }

  #block(context, run, lane, left, wide, paper) {
    const top = lane * LANE + ROOM;
    context.fillStyle = this.colours.of(run.statistic);
    context.fillRect(left, top, wide > 3 ? wide - 1 : wide, LANE - 2 * ROOM);
    context.fillStyle = paper;
    const middle = top + LANE / 2 - ROOM;
    if (this.colours.isAgain(run.statistic)) context.fillRect(left, top + 4, wide, 2);
    if (wide < LABELLED) return;
    context.fillText(run.job_id.replace("job_id_", ""), left + 6, middle + 2);
  }

  #point({ offsetX, offsetY }) {
    const { clientWidth: width } = this.canvas;
    const runner = this.names[Math.floor(offsetY / LANE)];
    const scale = SHOWN / (width - namesOn(width));
    const at = this.#now() - (width - offsetX) * scale;
    let [nearest, distance] = [null, 4 * scale]; // four pixels beside it will do
    for (const run of [...this.runs.values(), ...this.running]) {
      if (run.runner !== runner) continue;
      const away = Math.max(run.began - at, at - (run.ended ?? this.#now()), 0);
      if (away < distance || (away === 0 && distance === 0)) [nearest, distance] = [run, away];
    }
    this.pointed = nearest;
    this.#tell();
  }

  #tell() {
    const text = this.#text();
    if (this.told.textContent !== text) this.told.textContent = text;
  }

  #text() {
    const run = this.pointed;
    if (!run) {
      const seen = [...this.runs.values()].filter(({ ended }) => ended > this.#now() - SHOWN);
      const jobs = seen.length + this.running.length;
      return jobs ? count("pool.lanes.count", jobs) : t("pool.lanes.none");
    }
    return t("pool.lanes.told", {
      job: run.job_id,
      statistic: run.statistic,
      runner: run.runner,
      queued: run.queued_ms === undefined ? "–" : number(run.queued_ms, 1),
      ran: number((run.ended ?? this.#now()) - run.began, 1),
      how: run.how ? t(`pool.lanes.how.${run.how}`) : "",
    });
  }
}

function namesOn(width) {
  return width < NARROW ? SHORT_NAMES : NAMES;
}

function shortened(name, width) {
  const most = width < NARROW ? 12 : 20;
  return name.length > most ? `…${name.slice(1 - most)}` : name;
}

// How many jobs waited in the last half minute.

import { number, t } from "../texts.js";
import { drawingOn } from "./colours.js";

const SHOWN = 30_000; // milliseconds

export class Depth {
  constructor(canvas, told) {
    this.canvas = canvas;
    this.told = told;
    this.points = []; // {at, waiting}
    setInterval(() => document.hidden || this.#draw(), 250);
  }

  show(waiting) {
    this.points.push({ at: performance.now(), waiting });
    this.#draw();
  }

  #draw() {
    if (!this.points.length) return;
    const now = performance.now();
    // The last one before is kept, for it says what there was until the first that is shown.
    while (this.points.length > 1 && this.points[1].at < now - SHOWN) this.points.shift();
    const most = Math.max(...this.points.map(({ waiting }) => waiting));
    const { context, width, height } = drawingOn(this.canvas);
    const place = (at) => Math.max(0, width - ((now - at) / SHOWN) * width);
    const level = (waiting) => height - 4 - (most ? waiting / most : 0) * (height - 12);
    context.fillStyle = context.strokeStyle = getComputedStyle(this.canvas).color;
    context.beginPath();
    context.moveTo(place(this.points[0].at), height);
    let before = this.points[0].waiting;
    for (const { at, waiting } of this.points) {
      context.lineTo(place(at), level(before));
      context.lineTo(place(at), level(waiting));
      before = waiting;
    }
    context.lineTo(width, level(before));
    context.lineTo(width, height);
    context.globalAlpha = 0.35;
    context.fill();
    context.globalAlpha = 1;
    context.stroke();
    const words = { now: number(before, 0), most: number(most, 0) };
    this.told.textContent = t("pool.depth.told", words);
  }
}

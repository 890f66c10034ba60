// A number in a row of a table, as a dot with its interval, beside others on one scale.

import { ticksText } from "../texts.js";

const SVG = "http://www.w3.org/2000/svg";
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];
const MOST_TICKS = 5;

/** Return a scale for rows: {low, high, ticks, at(value)}, where `at` is a share of the width in percent. */
export function scaleOf(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const fits = (step) => Math.ceil(most / step) - Math.floor(least / step) < MOST_TICKS;
  let step = STEPS.find(fits);
  for (let times = 100; step === undefined; times *= 10) step = fits(times) ? times : undefined;
  const first = Math.floor(least / step);
  const last = Math.max(Math.ceil(most / step), first + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, place) =>
    Number(((first + place) * step).toFixed(6)),
  );
  const [low, high] = [ticks[0], ticks.at(-1)];
  const at = (value) => 4 + (92 * (value - low)) / (high - low);
  return { low, high, ticks, at };
}

/** Return the head of the column: the ticks of its scale. */
export function ticksCell({ ticks, at }) {
  const svg = drawing("interval-ticks");
  ticksText(ticks).forEach((text, place) =>
    svg.append(shape("text", { x: `${at(ticks[place])}%`, y: 11, "text-anchor": "middle" }, text)),
  );
  return svg;
}

/** Return a row's dot and interval; `line` is the value of what it is held against, null where of nothing. */
export function intervalCell({ value, low, high }, scale, line) {
  const svg = drawing("interval");
  const { at, ticks } = scale;
  for (const tick of ticks)
    svg.append(
      shape("line", { class: "tick", x1: `${at(tick)}%`, x2: `${at(tick)}%`, y1: 0, y2: 20 }),
    );
  if (line !== null)
    svg.append(
      shape("line", { class: "whole", x1: `${at(line)}%`, x2: `${at(line)}%`, y1: 0, y2: 20 }),
    );
  if (low !== null && high !== null)
    svg.append(
      shape("line", { class: "range", x1: `${at(low)}%`, x2: `${at(high)}%`, y1: 10, y2: 10 }),
    );
  if (value !== null)
    svg.append(shape("circle", { class: "dot", cx: `${at(value)}%`, cy: 10, r: 4 }));
  return svg;
}

function drawing(name) {
  const svg = shape("svg", {
    class: name,
    width: "100%",
    height: name === "interval" ? 20 : 14,
    "aria-hidden": "true",
  });
  return svg;
}

function shape(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

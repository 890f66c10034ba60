// The tip beside what is pointed at. Escape hides it; the pointer may rest on it.

import { element, facts } from "./dom.js";

const tip = document.getElementById("tip");
const SLOW = 120; // milliseconds that the pointer has to get from a mark onto the tip
let leaving = 0;
let beside = null;

/** Show what is known beside a node: a name, the number, and [term, text] pairs. */
export function showTip(node, name, number, pairs) {
  clearTimeout(leaving);
  const heading = element("strong", {}, number ? `${name}: ${number}` : name);
  tip.replaceChildren(heading, facts(pairs));
  tip.hidden = false;
  beside = node;
  place();
}

function place() {
  const { left, right, top, bottom } = beside.getBoundingClientRect();
  const [width, height] = [tip.offsetWidth, tip.offsetHeight];
  const middle = (left + right) / 2;
  const x = right - left > 300 ? right - width : middle - width / 2; // a whole row: at its end
  const y = bottom + 8 + height > window.innerHeight ? top - height - 8 : bottom + 8;
  tip.style.left = `${Math.max(8, Math.min(x, window.innerWidth - width - 8))}px`;
  tip.style.top = `${Math.max(8, y)}px`;
}

/** Hide the tip, unless the pointer is on its way to it. */
export function hideTip() {
  clearTimeout(leaving);
  leaving = setTimeout(() => (tip.hidden = true), SLOW);
}

tip.addEventListener("pointerenter", () => clearTimeout(leaving));
tip.addEventListener("pointerleave", hideTip);
window.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") tip.hidden = true;
});
window.addEventListener("scroll", () => tip.hidden || place(), { passive: true });

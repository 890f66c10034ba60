// The way of a job: how many pass each part of it in a second; a part lights up when some do. In a
// cluster, that is not known of all parts.

import { number } from "../texts.js";

/** Show how many jobs pass each part. */
export function showWay(perSecond) {
  for (const [part, rate] of Object.entries(perSecond)) {
    const node = document.getElementById(`way-${part}`);
    node.classList.toggle("lit", rate > 0);
    const text = rate === null ? "–" : number(rate, rate && rate < 10 ? 1 : 0);
    const place = node.querySelector(".way-count");
    if (place.textContent !== text) place.textContent = text;
  }
}

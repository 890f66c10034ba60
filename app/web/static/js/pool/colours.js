// A colour for each statistic that is seen, in the order in which they come; and what it is called.

import { element } from "../dom.js";

const KINDS = 9; // further ones begin anew, and look otherwise

export class Colours {
  constructor(legend) {
    this.legend = legend;
    this.swatches = new Map();
    this.colours = new Map();
  }

  /** Return the colour of a statistic. */
  of(statistic) {
    if (!this.swatches.has(statistic)) {
      const place = this.swatches.size;
      const again = place >= KINDS ? " again" : "";
      const swatch = element("span", { class: `swatch kind-${place % KINDS}${again}` });
      this.legend.append(element("li", {}, swatch, statistic));
      this.swatches.set(statistic, swatch);
    }
    let colour = this.colours.get(statistic);
    if (!colour) {
      colour = getComputedStyle(this.swatches.get(statistic)).backgroundColor;
      this.colours.set(statistic, colour);
    }
    return colour;
  }

  /** Tell whether another statistic has the same colour, so that this one needs a stripe. */
  isAgain(statistic) {
    return this.swatches.get(statistic).classList.contains("again");
  }

  /** Find out the colours anew: the theme has changed. */
  forget() {
    this.colours.clear();
  }
}

/** Make the picture as sharp as the screen; return what draws on it, in pixels of CSS. */
export function drawingOn(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

// The lines behind a chart, with their values at the left.

import { ticksText } from "../texts.js";

/** Draw a line from `left` to `right` at each tick of a scale; return the group that has them. */
export function drawGrid(svg, y, left, right) {
  const group = svg.append("g").attr("class", "axis").attr("aria-hidden", "true");
  const values = y.ticks(5);
  const texts = ticksText(values);
  values.forEach((value, place) => {
    group
      .append("line")
      .attr("x1", left)
      .attr("x2", right)
      .attr("y1", y(value))
      .attr("y2", y(value));
    group
      .append("text")
      .attr("x", left - 6)
      .attr("y", y(value))
      .attr("dy", "0.32em")
      .attr("text-anchor", "end")
      .text(texts[place]);
  });
  return group;
}

// Two questions against each other: a dot for each state, with the intervals of both.

import { drawGrid } from "./grid.js";
import { loadD3 } from "./d3.js";
import { ticksText } from "../texts.js";

const MARGIN = { top: 12, right: 16, bottom: 42, left: 40 };
const TALLEST = 460;

/**
 * Draw a scatter in `place`. Points are {state, abbreviation, x, y, told}, where x and y are {value, low,
 * high}; `chosen` are the states with a colour and a name of their own.
 */
export async function drawScatter(place, points, [xTitle, yTitle], chosen) {
  const d3 = await loadD3();
  const width = place.clientWidth;
  const height = Math.min(TALLEST, Math.max(300, width * 0.6));
  const scale = (axis, range) =>
    d3
      .scaleLinear(
        [
          d3.min(points, (point) => point[axis].low ?? point[axis].value),
          d3.max(points, (point) => point[axis].high ?? point[axis].value),
        ],
        range,
      )
      .nice(5);
  const x = scale("x", [MARGIN.left, width - MARGIN.right]);
  const y = scale("y", [height - MARGIN.bottom, MARGIN.top]);
  const svg = d3
    .create("svg")
    .attr("width", width)
    .attr("height", height)
    .attr("viewBox", `0 0 ${width} ${height}`);
  axes(svg, x, y, [xTitle, yTitle], height);
  const kindOf = ({ state }) => {
    const own = chosen.indexOf(state);
    return own < 0 ? "series-other" : `series-${own}`;
  };
  const ordered = [...points].sort((a, b) => chosen.includes(a.state) - chosen.includes(b.state));
  const groups = svg
    .append("g")
    .selectAll("g")
    .data(ordered)
    .join("g")
    .attr("class", (point) => `series ${kindOf(point)}`);
  const spans = {
    x: groups.filter((point) => point.x.low !== null),
    y: groups.filter((point) => point.y.low !== null),
  };
  spans.x
    .append("line")
    .attr("class", "range")
    .attr("x1", (one) => x(one.x.low))
    .attr("x2", (one) => x(one.x.high))
    .attr("y1", (one) => y(one.y.value))
    .attr("y2", (one) => y(one.y.value));
  spans.y
    .append("line")
    .attr("class", "range")
    .attr("x1", (one) => x(one.x.value))
    .attr("x2", (one) => x(one.x.value))
    .attr("y1", (one) => y(one.y.low))
    .attr("y2", (one) => y(one.y.high));
  groups
    .append("circle")
    .attr("class", "dot")
    .attr("r", 4.5)
    .attr("cx", (one) => x(one.x.value))
    .attr("cy", (one) => y(one.y.value))
    .attr("aria-label", ({ told }) => told);
  groups
    .filter(({ state }) => chosen.includes(state))
    .append("text")
    .attr("class", "point-name")
    .attr("aria-hidden", "true")
    .attr("x", (one) => x(one.x.value) + 8)
    .attr("y", (one) => y(one.y.value) - 8)
    .text(({ state }) => state);
  place.replaceChildren(svg.node());
}

function axes(svg, x, y, [xTitle, yTitle], height) {
  const [left, right] = x.range();
  const [bottom, top] = y.range();
  const group = drawGrid(svg, y, left, right);
  const values = x.ticks(6);
  const texts = ticksText(values);
  values.forEach((value, place) => {
    group
      .append("line")
      .attr("x1", x(value))
      .attr("x2", x(value))
      .attr("y1", top)
      .attr("y2", bottom);
    group
      .append("text")
      .attr("x", x(value))
      .attr("y", bottom + 16)
      .attr("text-anchor", "middle")
      .text(texts[place]);
  });
  group
    .append("text")
    .attr("x", right)
    .attr("y", height - 6)
    .attr("text-anchor", "end")
    .text(`${xTitle} →`);
  group
    .append("text")
    .attr("x", left + 4)
    .attr("y", top + 8)
    .text(`↑ ${yTitle}`);
}

// Lines over the years, one for each place, with the bands of their intervals.

import { drawGrid } from "./grid.js";
import { loadD3 } from "./d3.js";

const NARROW = 480; // pixels; below, lines have less room
const MARGIN = { top: 14, bottom: 24, left: 40 };
const LABEL = 15; // pixels between two names at the ends of lines, at least

/**
 * Draw lines in `place`. Each series is {name, label, kind, rows}: `kind` is the class of its colour, and
 * rows are {year, value, low, high, told}, one for each year, without a value where there is none. Lines go
 * on within `segments` of years alone. `year` is marked, if any is shown.
 */
export async function drawLines(place, series, segments, year) {
  const d3 = await loadD3();
  const width = place.clientWidth;
  const height = width < NARROW ? 200 : 280;
  const room = 16 + 7.4 * Math.max(...series.map(({ label }) => label.length));
  const rows = series.flatMap((one) => one.rows).filter(({ value }) => value !== null);
  const x = d3.scaleLinear(
    d3.extent(rows, (row) => row.year),
    [MARGIN.left + 6, width - room],
  );
  const y = d3
    .scaleLinear(
      [d3.min(rows, (row) => row.low ?? row.value), d3.max(rows, (row) => row.high ?? row.value)],
      [height - MARGIN.bottom, MARGIN.top],
    )
    .nice(5);
  const svg = d3
    .create("svg")
    .attr("width", width)
    .attr("height", height)
    .attr("viewBox", [0, 0, width, height].join(" "));
  axes(svg, x, y, width - room, height);
  if (year !== null)
    svg
      .append("line")
      .attr("class", "year-mark")
      .attr("x1", x(year))
      .attr("x2", x(year))
      .attr("y1", MARGIN.top)
      .attr("y2", height - MARGIN.bottom);
  const isThere = ({ value }) => value !== null;
  const band = d3
    .area()
    .defined((row) => isThere(row) && row.low !== null)
    .x((row) => x(row.year))
    .y0((row) => y(row.low))
    .y1((row) => y(row.high));
  const line = d3
    .line()
    .defined(isThere)
    .x((row) => x(row.year))
    .y((row) => y(row.value));
  for (const { kind, rows: own } of series) {
    const parts = segments.map((years) => own.filter((row) => years.includes(row.year)));
    const group = svg.append("g").attr("class", `series ${kind}`).attr("aria-hidden", "true");
    group.selectAll(".band").data(parts).join("path").attr("class", "band").attr("d", band);
    group.selectAll(".line").data(parts).join("path").attr("class", "line").attr("d", line);
  }
  for (const { kind, rows: own } of series) {
    svg
      .append("g")
      .attr("class", `series ${kind}`)
      .selectAll("circle")
      .data(own.filter(isThere))
      .join("circle")
      .attr("class", "dot")
      .attr("cx", (row) => x(row.year))
      .attr("cy", (row) => y(row.value))
      .attr("r", 3.5)
      .attr("aria-label", ({ told }) => told);
  }
  names(svg, series, y, width - room + 8, height - MARGIN.bottom);
  place.replaceChildren(svg.node());
}

function axes(svg, x, y, end, height) {
  const ticks = drawGrid(svg, y, MARGIN.left, end);
  const [first, last] = x.domain();
  const step = Math.max(
    1,
    Math.ceil((last - first) / Math.max(1, Math.floor((end - MARGIN.left) / 48))),
  );
  for (let year = last; year >= first; year -= step)
    ticks
      .append("text")
      .attr("x", x(year))
      .attr("y", height - 6)
      .attr("text-anchor", "middle")
      .text(year);
}

/** Write the name of each series where its line ends; where they would lie over each other, apart. */
function names(svg, series, y, left, lowest) {
  const ends = series
    .map(({ label, kind, rows }) => ({
      label,
      kind,
      end: rows.findLast((row) => row.value !== null),
    }))
    .filter(({ end }) => end)
    .map((one) => ({ ...one, at: y(one.end.value) }))
    .sort((a, b) => a.at - b.at);
  for (let place = 1; place < ends.length; place += 1)
    ends[place].at = Math.max(ends[place].at, ends[place - 1].at + LABEL);
  const over = ends.length ? ends.at(-1).at - lowest : 0;
  for (let place = ends.length - 1, most = lowest; over > 0 && place >= 0; place -= 1) {
    ends[place].at = Math.min(ends[place].at, most);
    most = ends[place].at - LABEL;
  }
  svg
    .append("g")
    .attr("aria-hidden", "true")
    .selectAll("text")
    .data(ends)
    .join("text")
    .attr("class", ({ kind }) => `line-name ${kind}`)
    .attr("x", left)
    .attr("y", ({ at }) => at)
    .attr("dy", "0.32em")
    .text(({ label }) => label);
}

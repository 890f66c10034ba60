// A line over the years as small as a thumbnail, on scales that all of them share.

const WIDTH = 120;
const HEIGHT = 56;
const EDGE = 4;

const isThere = ({ value }) => value !== null;

/** Return the rows that no line leads to. */
function alone(rows) {
  return rows.filter(
    (row, place) =>
      isThere(row) && ![rows[place - 1], rows[place + 1]].some((beside) => beside && isThere(beside)),
  );
}

/** Return what draws thumbnails of rows {year, value, low, high}, all on the scales of `all` of them. */
export function thumbnails(d3, all, segments) {
  const there = all.filter(isThere);
  const x = d3.scaleLinear(
    d3.extent(there, ({ year }) => year),
    [EDGE, WIDTH - EDGE],
  );
  const y = d3.scaleLinear(
    d3.extent(there, ({ value }) => value),
    [HEIGHT - EDGE, EDGE],
  );
  const line = d3
    .line()
    .defined(isThere)
    .x(({ year }) => x(year))
    .y(({ value }) => y(value));
  const parts = (rows) => segments.map((years) => rows.filter(({ year }) => years.includes(year)));
  return (rows, nation, kind) => {
    const svg = d3
      .create("svg")
      .attr("viewBox", `0 0 ${WIDTH} ${HEIGHT}`)
      .attr("aria-hidden", "true");
    for (const [own, name] of [
      [nation, "series-nation"],
      [rows, kind],
    ]) {
      const group = svg.append("g").attr("class", `series ${name}`);
      group.selectAll("path").data(parts(own)).join("path").attr("class", "line").attr("d", line);
      const dot = ({ year, value }, r) =>
        group
          .append("circle")
          .attr("class", "dot")
          .attr("r", r)
          .attr("cx", x(year))
          .attr("cy", y(value));
      for (const row of parts(own).flatMap(alone)) dot(row, 1.2);
      const last = own.findLast(isThere);
      if (last && own === rows) dot(last, 2.5);
    }
    return svg.node();
  };
}

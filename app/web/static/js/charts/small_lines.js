// A line over the years as small as a thumbnail, on scales that all of them share.

const WIDTH = 120;
const HEIGHT = 56;
const EDGE = 4;

/** Return what draws thumbnails of rows {year, value, low, high}, all on the scales of `all` of them. */
export function thumbnails(d3, all, segments) {
  const there = all.filter(({ value }) => value !== null);
  const x = d3.scaleLinear(
    d3.extent(there, ({ year }) => year),
    [EDGE, WIDTH - EDGE],
  );
  const y = d3.scaleLinear(
    d3.extent(there, ({ value }) => value),
    [HEIGHT - EDGE, EDGE],
  );
  const isThere = ({ value }) => value !== null;
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
      const last = own.findLast(isThere);
      if (last && own === rows)
        group
          .append("circle")
          .attr("class", "dot")
          .attr("r", 2.5)
          .attr("cx", x(last.year))
          .attr("cy", y(last.value));
    }
    return svg.node();
  };
}

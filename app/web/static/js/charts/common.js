// What all charts have in common.

const ROW = 21; // pixels that a row takes in charts with one for each state

/** Return a whole specification: `body` with the look of the page. */
export function chart(body, { colours }) {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "transparent",
    padding: { left: 0, right: 4, top: 2, bottom: 6 },
    ...body,
    config: config(colours),
  };
}

/** About how many ticks an axis of a width has room for. */
export function ticksIn(width) {
  return Math.max(2, Math.min(6, Math.floor(width / 110)));
}

/** Rows as the data of a view. */
export function values(rows) {
  return { values: rows };
}

/** Return a whole specification of rows below each other: `layers` of them, and a line over all. */
export function rowsChart(rows, y, layers, line, look) {
  const params = [{ name: "chosen", value: look.chosen ?? "" }];
  const inRows = layers.map((layer) => ({ ...layer, encoding: { y, ...layer.encoding } }));
  return chart(
    {
      width: look.width,
      height: rows.length * ROW,
      autosize: { type: "fit-x", contains: "padding" },
      params,
      layer: [{ data: values(rows), layer: inRows }, ...line],
    },
    look,
  );
}

/** A row as wide as the chart: what the pointer, the keyboard and a screen reader meet. */
export function rowLayer(colours) {
  return {
    mark: { type: "rect", cursor: "pointer" },
    encoding: {
      x: { value: 0 },
      x2: { value: "width" },
      fill: {
        condition: { test: "datum.state === chosen", value: colours["accent-pale"] },
        value: "transparent",
      },
      description: { field: "told" },
    },
  };
}

/** The intervals of the rows that have one, as bars; none where no row has. */
export function intervalLayers(rows, x, color) {
  const some = rows.some((row) => Number.isFinite(row.low) && Number.isFinite(row.high));
  if (!some) return [];
  return [
    {
      transform: [{ filter: "isValid(datum.low) && isValid(datum.high)" }],
      mark: { type: "rule", strokeWidth: 2, opacity: 0.45, aria: false },
      encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, color },
    },
  ];
}

/** An upright line at a value, with a word above it. */
export function lineLayers(value, text, colours) {
  const data = values([{ at: value, text }]);
  const at = { x: { field: "at", type: "quantitative" } };
  return [
    {
      data,
      mark: { type: "rule", color: colours.ink, strokeDash: [4, 3], aria: false },
      encoding: at,
    },
    {
      data,
      mark: {
        type: "text",
        y: -8,
        baseline: "bottom",
        color: colours.ink,
        fontWeight: "bold",
        aria: false,
      },
      encoding: { ...at, text: { field: "text" } },
    },
  ];
}

/** A column of numbers at the right end of the rows. */
export function numberLayer(room, colours) {
  return {
    mark: {
      type: "text",
      align: "right",
      x: { expr: `width + ${room}` },
      color: colours.ink,
      aria: false,
    },
    encoding: { text: { field: "label" } },
  };
}

/** Names at the left end, in the order of the rows. */
export function names(field) {
  return {
    field,
    type: "nominal",
    sort: null,
    axis: { title: null, labelLimit: 190, labelPadding: 8 },
  };
}

function config(colours) {
  const font = colours.font;
  return {
    font,
    view: { stroke: null },
    axis: {
      labelColor: colours.ink,
      titleColor: colours.soft,
      gridColor: colours.line,
      domain: false,
      ticks: false,
      labelOverlap: true,
      aria: false, // Vega tells of axes in English; the table tells the same
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: "normal",
      labelFont: font,
      titleFont: font,
      titlePadding: 8,
    },
    legend: {
      aria: false,
      labelColor: colours.ink,
      titleColor: colours.soft,
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: "normal",
      labelFont: font,
      titleFont: font,
    },
    text: { fontSize: 12, font },
  };
}

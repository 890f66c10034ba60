// The strata of one state, by category: a dot for each, its interval, the state's whole as a line.

import { TOTAL } from "../names.js";
import { called, number, t } from "../texts.js";
import { intervalLayers, lineLayers, rowsChart, ticksIn } from "./common.js";

/** Return the strata of a state; `rows` as statistics.js has them, `whole` is {value, text}, if any. */
export function strataOf(rows, whole, look) {
  const drawn = [];
  for (const row of rows.filter((one) => one.category !== TOTAL)) {
    if (drawn.at(-1)?.category !== row.category) {
      drawn.push({ key: `${row.category}|`, category: row.category, heading: true, label: "" });
    }
    const name = called("strata", row.stratum);
    drawn.push({
      key: `${row.category}|${row.stratum}`,
      category: row.category,
      heading: false,
      value: row.status === "value" ? row.value : null,
      low: row.low,
      high: row.high,
      stratum: row.stratum,
      label: row.status === "value" ? number(row.value) : t("charts.none"),
      told: look.sentence(name, row),
    });
  }
  const texts = Object.fromEntries(
    drawn.map((row) => [
      row.key,
      row.heading ? called("categories", row.category) : called("strata", row.stratum),
    ]),
  );
  const y = {
    field: "key",
    type: "nominal",
    sort: null,
    scale: { domain: drawn.map((row) => row.key) },
    axis: {
      title: null,
      labelLimit: Math.max(110, look.width * 0.42),
      labelExpr: `${JSON.stringify(texts)}[datum.value]`,
      labelFontWeight: {
        condition: { test: "slice(datum.value, -1) === '|'", value: "bold" },
        value: "normal",
      },
      labelColor: {
        condition: { test: "slice(datum.value, -1) === '|'", value: look.colours.soft },
        value: look.colours.ink,
      },
    },
  };
  const x = {
    field: "value",
    type: "quantitative",
    scale: { zero: false, padding: 6 }, // so that a dot at the edge is whole
    axis: { title: t("charts.axis_percent"), tickCount: ticksIn(look.width) },
  };
  const line = whole ? lineLayers(whole.value, whole.text, look.colours) : [];
  const layers = [
    {
      transform: [{ filter: "!datum.heading" }],
      mark: { type: "rect" },
      encoding: {
        x: { value: 0 },
        x2: { value: "width" },
        fill: { value: "transparent" },
        description: { field: "told" },
      },
    },
    ...intervalLayers(drawn, x, { value: look.colours.accent }),
    {
      transform: [{ filter: "isValid(datum.value)" }],
      mark: { type: "circle", size: 64, opacity: 1, color: look.colours.accent, aria: false },
      encoding: { x },
    },
    {
      mark: {
        type: "text",
        align: "right",
        x: { expr: "width + 40" },
        aria: false,
        color: look.colours.ink,
      },
      encoding: { text: { field: "label" } },
    },
  ];
  return rowsChart(drawn, y, layers, line, look);
}

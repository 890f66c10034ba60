// The yearly estimates of one state beside the nation's, with their intervals.

import { NATION } from "../names.js";
import { t } from "../texts.js";
import { chart, values } from "./common.js";

/**
 * Return the years of a state; `rows` are {state, year, value, low, high} of it and the nation. Lines
 * go on within a segment alone: `segmentOf` tells that of a year.
 */
export function yearlyOf(rows, state, segmentOf, look) {
  const shown = withGaps(rows).map((row) => ({
    ...row,
    segment: segmentOf(row.year),
    label: row.state === NATION ? t("names.nation") : row.state,
    told: row.value === null ? "" : toldOf(row, look),
  }));
  const labels = [...(shown.some((row) => row.state === state) ? [state] : []), t("names.nation")];
  const color = {
    field: "label",
    type: "nominal",
    scale: {
      domain: labels,
      range: [look.colours.chosen, look.colours.soft].slice(-labels.length),
    },
    legend: { title: null, orient: "top", symbolOpacity: 1 },
  };
  const x = {
    field: "year",
    type: "quantitative",
    scale: { nice: false, padding: 12, zero: false },
    axis: {
      title: null,
      format: "d",
      tickMinStep: 1,
      grid: false,
      tickCount: Math.min(7, look.width / 60),
    },
  };
  const y = {
    field: "value",
    type: "quantitative",
    scale: { zero: false },
    axis: { title: t("charts.axis_percent"), tickCount: 5, labelExpr: "datum.label" },
  };
  const detail = { field: "segment", type: "nominal" };
  return chart(
    {
      width: look.width,
      height: 260,
      autosize: { type: "fit-x", contains: "padding" },
      data: values(shown),
      encoding: { x, color },
      layer: [
        {
          mark: { type: "area", opacity: 0.14, line: false, aria: false },
          encoding: { y: { ...y, field: "low" }, y2: { field: "high" }, detail },
        },
        { mark: { type: "line", strokeWidth: 2, aria: false }, encoding: { y, detail } },
        {
          mark: { type: "circle", size: 60, opacity: 1 },
          encoding: { y, description: { field: "told" } },
        },
      ],
    },
    look,
  );
}

function toldOf(row, look) {
  const name = row.state === NATION ? t("names.nation") : row.state;
  return `${name}, ${row.year}: ${look.percent(row)}`;
}

/** Return rows with one without a value for each year that is missing: lines break there. */
function withGaps(rows) {
  const years = [...new Set(rows.map((row) => row.year))].sort();
  const states = [...new Set(rows.map((row) => row.state))];
  const known = new Map(rows.map((row) => [`${row.state} ${row.year}`, row]));
  return states.flatMap((state) =>
    years.map(
      (year) =>
        known.get(`${state} ${year}`) ?? { state, year, value: null, low: null, high: null },
    ),
  );
}

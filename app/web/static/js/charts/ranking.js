// The ranking: a dot for each state, best first, its interval, and the nation as a line.

import { number, t } from "../texts.js";
import {
  intervalLayers,
  lineLayers,
  names,
  numberLayer,
  rowLayer,
  rowsChart,
  ticksIn,
} from "./common.js";

/** Return the ranking of a model. */
export function rankingOf(model, look) {
  const decimals = model.unit === "points" ? 2 : 1;
  const rows = model.rows
    .filter((row) => row.status === "value")
    .map((row) => ({
      state: row.state,
      name: row.rank ? `${row.rank}  ${row.state}` : row.state,
      value: row.value,
      low: row.low,
      high: row.high,
      label: number(row.value, decimals, model.unit === "points"),
      told: look.sentence(row.state, row),
    }));
  const all = model.national?.value ?? model.overall ?? null;
  const value = all === null ? "" : number(all, decimals, model.unit === "points");
  const words = t(model.national ? "charts.nation" : "charts.overall", { value });
  const line = all === null ? [] : lineLayers(all, words, look.colours);
  const x = {
    field: "value",
    type: "quantitative",
    scale: { zero: false, nice: true },
    axis: {
      title: t(`charts.axis_${model.unit}`),
      orient: "bottom",
      tickCount: ticksIn(look.width),
    },
  };
  const dot = {
    condition: { test: "datum.state === chosen", value: look.colours.chosen },
    value: look.colours.accent,
  };
  const layers = [
    rowLayer(look.colours),
    ...intervalLayers(rows, x, dot),
    { mark: { type: "circle", size: 64, opacity: 1, aria: false }, encoding: { x, color: dot } },
    numberLayer(40, look.colours),
  ];
  return rowsChart(rows, names("name"), layers, line, look);
}

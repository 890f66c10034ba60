// How far each state is from the mean or the nation: bars to both sides of zero.

import { number, t } from "../texts.js";
import { lineLayers, names, numberLayer, rowLayer, rowsChart, ticksIn } from "./common.js";

/** Return the differences of a model, in the order of its ranking. */
export function differenceOf(model, look) {
  const rows = model.rows
    .filter((row) => row.status === "value" && row.from !== null && row.from !== undefined)
    .map((row) => ({
      state: row.state,
      from: row.from,
      label: number(row.from, model.unit === "points" ? 2 : 1, true),
      told: `${row.state}: ${look.difference(row.from)}`,
    }));
  const x = {
    field: "from",
    type: "quantitative",
    axis: { title: t(`charts.axis_from_${model.statistic}`), tickCount: ticksIn(look.width) },
  };
  const bar = {
    mark: { type: "bar", height: { band: 0.62 }, aria: false },
    encoding: {
      x,
      color: {
        condition: [
          { test: "datum.state === chosen", value: look.colours.chosen },
          // Of the course's means, a state below the mean has a positive difference.
          {
            test: model.statistic === "mean" ? "datum.from > 0" : "datum.from < 0",
            value: look.colours["below-2"],
          },
        ],
        value: look.colours["above-2"],
      },
    },
  };
  const layers = [rowLayer(look.colours), bar, numberLayer(40, look.colours)];
  const zero = lineLayers(0, t(`charts.zero_${model.statistic}`), look.colours);
  return rowsChart(rows, names("state"), layers, zero, look);
}

// How far each state is from the mean or the nation: bars to both sides of zero.

import { number, t } from "../texts.js";
import { chart, heightOf, lineLayers, names, numberLayer, rowLayer, values } from "./common.js";

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
  const y = names("state");
  const x = {
    field: "from",
    type: "quantitative",
    axis: { title: t(`charts.axis_from_${model.statistic}`), tickCount: 5 },
  };
  const bar = {
    mark: { type: "bar", height: { band: 0.62 }, aria: false },
    encoding: {
      x,
      color: {
        condition: [
          { test: "datum.state === chosen", value: look.colours.chosen },
          { test: "datum.from < 0", value: look.colours["below-2"] },
        ],
        value: look.colours["above-2"],
      },
    },
  };
  return chart(
    {
      width: look.width,
      height: heightOf(rows),
      autosize: { type: "fit-x", contains: "padding" },
      padding: look.title ? 24 : { left: 0, right: 4, top: 2, bottom: 4 },
      params: [{ name: "chosen", value: look.chosen ?? "" }],
      layer: [
        {
          data: values(rows),
          layer: [rowLayer(look.colours), bar, numberLayer(40, look.colours)].map((layer) => ({
            ...layer,
            encoding: { y, ...layer.encoding },
          })),
        },
        ...lineLayers(0, t(`charts.zero_${model.statistic}`), look.colours),
      ],
    },
    look,
  );
}

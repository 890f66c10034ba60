// The ranking: a dot for each state, best first, its interval, and the nation as a line.

import { number, t } from "../texts.js";
import {
  chart,
  heightOf,
  intervalLayers,
  lineLayers,
  names,
  numberLayer,
  rowLayer,
  values,
} from "./common.js";

/** Return the ranking of a model. */
export function rankingOf(model, look) {
  const decimals = model.unit === "points" ? 2 : 1;
  const rows = model.rows
    .filter((row) => row.status === "value")
    .map((row) => ({
      state: row.state,
      name: `${row.rank}  ${row.state}`,
      value: row.value,
      low: row.low,
      high: row.high,
      label: number(row.value, decimals, model.unit === "points"),
      told: look.sentence(row.state, row),
    }));
  const { national } = model;
  const line = national
    ? lineLayers(
        national.value,
        t("charts.nation", { value: number(national.value, decimals, model.unit === "points") }),
        look.colours,
      )
    : [];
  const x = {
    field: "value",
    type: "quantitative",
    scale: { zero: false, nice: true },
    axis: { title: t(`charts.axis_${model.unit}`), orient: "bottom", tickCount: 5 },
  };
  const y = names("name");
  const dot = {
    condition: { test: "datum.state === chosen", value: look.colours.chosen },
    value: look.colours.accent,
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
          layer: [
            rowLayer(look.colours),
            ...intervalLayers(rows, x, dot),
            {
              mark: { type: "circle", size: 64, opacity: 1, aria: false },
              encoding: { x, color: dot },
            },
            numberLayer(40, look.colours),
          ].map((layer) => ({ ...layer, encoding: { y, ...layer.encoding } })),
        },
        ...line,
      ],
    },
    look,
  );
}

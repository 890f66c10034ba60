// The tables behind the charts: the same numbers, for who would rather read them.

import { NATION } from "./names.js";
import { differenceText, valueText } from "./wording.js";
import { called, number, t } from "./texts.js";

const text = (title) => ({ title: t(title) });
const figure = (title) => ({ title: t(title), numeric: true });

export { states as map, states as ranking };

export function difference(model) {
  const rows = model.rows.filter((row) => row.from !== null && row.from !== undefined);
  return {
    columns: [text("table.state"), figure(`tell.from_${model.statistic}`), figure("table.value")],
    rows: rows.map((row) => [row.state, differenceText(row.from, model), value(row, model.unit)]),
  };
}

export function strata(rows) {
  return {
    columns: [text("table.category"), text("table.stratum"), ...numbers()],
    rows: rows.map((row) => [
      called("categories", row.category),
      called("strata", row.stratum),
      ...cells(row, "percent"),
    ]),
  };
}

export function yearly(rows) {
  return {
    columns: [text("table.state"), figure("table.year"), ...numbers().slice(0, 4)],
    rows: rows.map((row) => [
      row.state === NATION ? t("names.nation") : row.state,
      String(row.year),
      ...cells({ ...row, sample: row.sample_size }, "percent").slice(0, 4),
    ]),
  };
}

function states(model) {
  return {
    columns: [figure("tell.rank"), text("table.state"), ...numbers()],
    rows: model.rows.map((row) => [
      row.rank ? String(row.rank) : "",
      row.state,
      ...cells(row, model.unit),
    ]),
  };
}

function numbers() {
  return ["value", "low", "high", "sample", "rows"].map((name) => figure(`table.${name}`));
}

function cells(row, unit) {
  const decimals = unit === "points" ? 2 : 1;
  const end = (limit) => (limit === null || limit === undefined ? "" : number(limit, decimals));
  const whole = (n) => (n === null || n === undefined ? "" : number(n, 0));
  return [value(row, unit), end(row.low), end(row.high), whole(row.sample), whole(row.used)];
}

function value(row, unit) {
  return row.status === "value" ? valueText(row.value, unit) : t(`status.${row.status}`);
}

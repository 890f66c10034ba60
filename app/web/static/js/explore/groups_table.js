// The groups of a state against the nation's.

import { intervalCell, scaleOf, ticksCell } from "../charts/interval.js";
import { element } from "../dom.js";
import { NATION, TOTAL } from "../names.js";
import { called, number, t } from "../texts.js";
import { placeText, rangeText } from "../wording.js";
import { Card } from "./card.js";

export class GroupsTable extends Card {
  constructor() {
    super("groups");
  }

  /** Show the groups of a state, of the nation where none is chosen; `found` has those of both. */
  show(found, state) {
    this.settle();
    if (!found) return this.empty(t("groups.none"));
    const { rows, years } = found;
    const own = rows.filter((row) => row.state === (state || NATION) && row.category !== TOTAL);
    const whys = new Set(own.map(({ status }) => status));
    const title = t(state ? "groups.title" : "groups.title_nation", {
      state: placeText(state),
      years,
    });
    this.entitle(title, t(state ? "groups.note" : "groups.note_nation"));
    if (!own.length) this.empty(t("errors.no_strata"));
    else if (!whys.has("value") && whys.size === 1) this.empty(t(`status.${[...whys][0]}_about`));
    else this.place.replaceChildren(tableOf(title, own, state ? rows : [], state));
  }
}

function tableOf(title, own, all, state) {
  const nation = new Map(
    all
      .filter((row) => row.state === NATION)
      .map((row) => [`${row.category}|${row.stratum}`, row.value]),
  );
  const whole = ({ category, stratum }) => nation.get(`${category}|${stratum}`) ?? null;
  const ends = own
    .flatMap((row) => [row.value, row.low, row.high, whole(row)])
    .filter(Number.isFinite);
  const scale = scaleOf(ends);
  const body = [...Map.groupBy(own, ({ category }) => category)].flatMap(([category, rows]) => [
    element(
      "tr",
      { class: "category" },
      element("th", { colspan: 3, scope: "rowgroup" }, called("categories", category)),
      // A cell of its own, for on a phone there is no such column.
      ...(state ? [element("td", { class: "of-nation" })] : []),
    ),
    ...rows.map((row) => rowOf(row, whole(row), scale, state)),
  ]);
  const heads = [
    element("th", { scope: "col" }, t("table.stratum")),
    element(
      "th",
      { scope: "col", class: "chart-column" },
      element("span", { class: "unseen" }, t("states.interval")),
      ticksCell(scale),
    ),
    element("th", { scope: "col", class: "number" }, t("table.value")),
  ];
  if (state)
    heads.push(element("th", { scope: "col", class: "number of-nation" }, placeText(NATION)));
  return element(
    "table",
    { class: "groups" },
    element("caption", { class: "unseen" }, title),
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...body),
  );
}

function rowOf(row, whole, scale, state) {
  const is = row.status === "value";
  const cells = is
    ? [
        element("td", { class: "chart-column" }, intervalCell(row, scale, whole)),
        element("td", { class: "number", title: rangeText(row, "percent") }, number(row.value)),
      ]
    : [element("td", { colspan: 2, class: "absent" }, t(`status.${row.status}`))];
  if (state)
    cells.push(element("td", { class: "number of-nation" }, whole === null ? "" : number(whole)));
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, called("strata", row.stratum)),
    ...cells,
  );
}

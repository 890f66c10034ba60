// What each view shows of a model: its chart, its table, its words, what to take away.

import { differenceOf } from "./charts/difference.js";
import { mapOf } from "./charts/map.js";
import { rankingOf } from "./charts/ranking.js";
import { strataOf } from "./charts/strata.js";
import { yearlyOf } from "./charts/yearly.js";
import { NATION, TOTAL } from "./names.js";
import * as tables from "./view_tables.js";
import { differenceText, lacksText, rangeText, sentence, valueText } from "./wording.js";
import { called, number, t } from "./texts.js";

const SPECS = { map: mapOf, ranking: rankingOf, difference: differenceOf };

export class Contents {
  /** `known` has the lists of the API, `shapes` are the map's; `chosenState` tells it now. */
  constructor(known, shapes, chosenState) {
    this.known = known;
    this.shapes = shapes;
    this.chosenState = chosenState;
  }

  /** Return the content of a view of all states. */
  ofStates(name, chosen, model) {
    const more = name === "map" ? [this.shapes, this.known.states] : [];
    return {
      ...this.#words(name, chosen, model, noteOf(name, model)),
      take: model.takes[name],
      ...tables[name](model),
      state: this.chosenState,
      chosen: (datum) => datum.state === this.chosenState(),
      spec: (look) => SPECS[name](model, ...more, this.#look(look, model)),
    };
  }

  /** Return the content of the view of a state's groups. */
  ofStrata({ take, rows }, chosen, model) {
    const note = t(
      model.year || model.statistic === "mean"
        ? noteKey("strata", model)
        : "views.strata.note_median",
    );
    return {
      ...this.#words("strata", chosen, model, note),
      take,
      ...tables.strata(rows),
      chosen: () => false,
      spec: (look) => strataOf(rows, wholeOf(rows, chosen, model), this.#look(look, model)),
    };
  }

  /** Return the content of the view of a state's years. */
  ofYears(chosen, model) {
    const rows = model.yearly
      .filter(({ state }) => state === chosen.state || state === NATION)
      .sort((a, b) => (a.state === NATION) - (b.state === NATION) || a.year - b.year);
    const gaps = rows.filter(({ state, status }) => state !== NATION && status !== "value");
    const told = gaps.map(({ year, status }) => `${year}: ${t(`status.${status}`)}.`);
    const breaks =
      model.comparable.length > 1
        ? t("views.strata.note_breaks", { years: model.comparable.join(" | ") })
        : null;
    const note = [t(noteKey("strata", model)), breaks, ...told, withoutText(model)].filter(Boolean);
    return {
      ...this.#words("strata", chosen, model, note.join(" ")),
      take: model.takeOfYears(chosen.state),
      ...tables.yearly(rows),
      chosen: () => false,
      spec: (look) => yearlyOf(rows, chosen.state, model.segmentOf, this.#look(look, model)),
    };
  }

  #words(name, chosen, model, note) {
    const group = chosen.group ? called("strata", chosen.group) : t("choose.of_everyone");
    const whose = model.statistic === "mean" || (name === "strata" && !model.yearly) ? "" : group;
    return {
      title: titleOf(name, model),
      note: `${note} ${[model.years, whose].filter(Boolean).join(", ")}`,
    };
  }

  #look(look, model) {
    return {
      ...look,
      chosen: this.chosenState(),
      sentence: (name, row) => sentence(name, row, model),
      difference: (from) => differenceText(from, model),
      percent: (row) =>
        [valueText(row.value, "percent"), rangeText(row, "percent")].filter(Boolean).join(", "),
    };
  }
}

/** Return what the groups of a state are held against, as {value, text}: the state's own number. */
function wholeOf(rows, { state }, model) {
  if (model.statistic === "mean") {
    const own = model.rows.find((row) => row.state === state && row.status === "value");
    return own && { value: own.value, text: t("charts.whole", { state, value: number(own.value) }) };
  }
  const all = rows.find((row) => row.category === TOTAL && row.status === "value");
  return all && { value: all.value, text: t("charts.everyone", { value: number(all.value) }) };
}

/** Return what a view is called while it shows a model. */
export function titleOf(name, model) {
  if (name === "ranking" && model.lowerIsBetter === null) return t("views.ranking.title_plain");
  if (name === "difference" && model.statistic !== "mean")
    return t("views.difference.title_nation");
  if (name === "strata" && model.yearly) return t("views.strata.title_years");
  return t(`views.${name}.title`);
}

function noteOf(name, model) {
  const intervals = model.rows.some((row) => Number.isFinite(row.low));
  const key = name === "ranking" && !intervals ? "views.ranking.note_bare" : noteKey(name, model);
  const isOfNation = name === "ranking" || (name === "difference" && model.statistic !== "mean");
  return [t(key), isOfNation && withoutText(model)].filter(Boolean).join(" ");
}

/** Return that the nation is made without some states, or null. */
function withoutText(model) {
  const states = lacksText(model);
  return model.national && states ? t("views.nation_without", { states }) : null;
}

function noteKey(name, model) {
  return `views.${name}.note_${model.statistic}`;
}

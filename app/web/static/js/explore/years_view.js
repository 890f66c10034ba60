// The years of the chosen states beside the nation's.

import { drawLines } from "../charts/lines.js";
import { Marks } from "../marks.js";
import { NATION } from "../names.js";
import { t } from "../texts.js";
import { lacksText, placeText, rangeText, valueText } from "../wording.js";
import { Card } from "./card.js";

export class YearsView extends Card {
  /** `events` are those of Marks, without choosing. */
  constructor(known, events) {
    super("years");
    this.known = known;
    this.marks = new Marks(this.place, events);
  }

  /** Show the years of states; where there are none, say so. */
  async show(model, states) {
    this.shown = { model, states };
    this.settle();
    this.entitle(t("years.title"), noteOf(model, states));
    const series = this.#series(model, states);
    this.isEmpty = !series.length;
    // Without a nation there are lines of chosen states alone.
    if (this.isEmpty) this.empty(t(model.yearly.length ? "years.choose" : "years.none"));
    else await this.redraw();
  }

  /** Draw for another width. */
  async redraw() {
    if (!this.shown || this.isEmpty) return;
    const { model, states } = this.shown;
    await drawLines(this.place, this.#series(model, states), model.comparable, model.year);
    this.marks.take(() => false);
  }

  #series(model, states) {
    const years = [...new Set(model.yearly.map(({ year }) => year))].sort();
    const places = [NATION, ...states];
    return places.flatMap((state, place) => {
      const own = new Map(
        model.yearly.filter((row) => row.state === state).map((row) => [row.year, row]),
      );
      const rows = years.map((year) => {
        const row = own.get(year) ?? { state, year, value: null, low: null, high: null };
        return { ...row, status: row.value === null ? "missing" : "value", told: told(row) };
      });
      if (!rows.some(({ value }) => value !== null)) return [];
      const kind = state === NATION ? "series-nation" : `series-${place - 1}`;
      return [{ name: state, label: this.#label(state, states), kind, rows }];
    });
  }

  #label(state, states) {
    if (state === NATION) return t("years.nation");
    const short = this.known.states.find(({ name }) => name === state).abbreviation;
    return states.length > 3 || this.place.clientWidth < 480 ? short : placeText(state);
  }
}

function told(row) {
  if (row.value === null) return "";
  const parts = [valueText(row.value, "percent"), rangeText(row, "percent")].filter(Boolean);
  return `${placeText(row.state)}, ${row.year}: ${parts.join(", ")}`;
}

/** Return what the lines say, where they end, and which estimates are not there. */
function noteOf(model, states) {
  const gaps = model.yearly.filter(
    ({ state, status }) => states.includes(state) && status !== "value",
  );
  const absent = Map.groupBy(
    gaps,
    ({ state, status }) => `${placeText(state)}: ${t(`status.${status}`)}`,
  );
  const lacks = lacksText(model);
  return [
    model.yearly.length ? t("years.note") : "",
    model.comparable.length > 1
      ? t("years.breaks", { years: model.comparable.map(spansOf).join(" | ") })
      : "",
    ...[...absent].map(([what, rows]) => `${what}, ${rows.map(({ year }) => year).join(", ")}.`),
    model.national && lacks ? t("tell.nation_lacks", { states: lacks }) : "",
  ]
    .filter(Boolean)
    .join(" ");
}

/** Return years as `2011-2013, 2015`. */
function spansOf(years) {
  const runs = [];
  for (const year of years) {
    if (runs.length && runs.at(-1)[1] === year - 1) runs.at(-1)[1] = year;
    else runs.push([year, year]);
  }
  return runs.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(", ");
}

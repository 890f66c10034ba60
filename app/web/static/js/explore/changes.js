// The states' changes over the years, and the differences of one place from all others.

import { NATION } from "../names.js";
import { objects } from "./answers.js";
import { bodyOf, inOrder, reading, takesOf, toldBy, yearsOf } from "./levels.js";

/** Load the change a year of each state, by a weighted line through its yearly estimates. */
export async function loadChanges(answers, asked, signal) {
  const body = bodyOf(asked);
  const found = await answers.ask("trend", body, signal);
  const { about } = found.data;
  const all = objects(found.data).map((row) => ({
    ...reading({ ...row, value: row.slope }),
    status: row.slope === null ? "missing" : "value",
    direction: row.direction,
    change: changeOf(row),
    from: row.from_national,
  }));
  return {
    show: "change",
    unit: "points",
    rows: inOrder(all, asked.lowerIsBetter),
    national: all.find((row) => row.state === NATION && row.value !== null) ?? null,
    ...toldBy(about),
    years: about.years,
    year: null,
    lowerIsBetter: asked.lowerIsBetter,
    ofState: (state) => ["trend", { ...body, state }],
    takes: takesOf(found),
    ...yearsOf(found),
  };
}

/** Return the change of a row of a trend from its first year to its last, null where it has none. */
export function changeOf(row) {
  if (row.change === null) return null;
  return { value: row.change, low: row.change_low, high: row.change_high, years: row.years };
}

/**
 * Load how each state differs from a place, in the year of a model: {take, differences, verdicts}, or null
 * where that cannot be told. `differences` has by state {value, verdict: "higher" | "lower" | "no clear
 * difference"}, of the state; `verdicts` counts those of the place against the others.
 */
export async function loadDifferences(answers, asked, model, place, signal) {
  if (model.show !== "level" || !model.year || !hasInterval(model, place)) return null;
  const body = { ...bodyOf(asked), state: place, year: model.year };
  const take = await answers.askIfAny("against", body, signal);
  if (!take) return null;
  const { about } = take.data;
  const differences = new Map(
    objects(take.data).map((row) => [
      row.state,
      {
        value: row.difference === null ? null : 0 - row.difference,
        verdict: OPPOSITE[row.verdict] ?? row.verdict,
      },
    ]),
  );
  return { take, differences, verdicts: about.verdicts };
}

function hasInterval({ rows, national }, place) {
  const own = place === NATION ? national : rows.find(({ state }) => state === place);
  return Number.isFinite(own?.low);
}

const OPPOSITE = { higher: "lower", lower: "higher" };

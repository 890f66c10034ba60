// The states' estimates of one year: what the map, the table and the years show of a level.
//
// A model, of levels as of changes (changes.js), has
//   `rows`, one for each state, best first and those without a value last:
//     {state, status: "value" | "withheld" | "unreleased" | "missing", isFilled, value, low, high,
//      rank, rankLow, rankHigh, from, change, direction, sample, used, presentation}
//     `isFilled`: the file has a constant in the place of a withheld estimate; `from` is the difference
//     from the nation. Where it is not known whether low or high is better, there are no ranks, and the
//     lowest is first.
//   `national`: {value, low, high} or null, and `lacks`, the states that it is made without, by years;
//   `years` as a text, and `year` as a number where there is but one;
//   `yearly`: rows {state, year, status, value, low, high, sample_size} of every state and the nation,
//     empty where there are none; `comparable`: groups of years that may be compared;
//   `answer`: the answer in a sentence; `ofState(state)`: the question that is answered so of one state;
//   `warnings`: what to know; `takes`: the answers that hold what is shown, {map, states}, each
//     {statistic, body, chart}.

import { NATION, TOTAL } from "../names.js";
import { sentenceOf } from "../wording.js";
import { objects } from "./answers.js";

// What the API says of an estimate that is not there, and what the page calls it.
const STATUSES = { withheld: "withheld", "not released": "unreleased" };

/** Load the estimates of a year, the latest by default, with those of all years beside them. */
export async function loadLevels(answers, asked, signal) {
  const load = asked.lowerIsBetter === null ? loadUnranked : loadRanked;
  const [model, trend] = await Promise.all([
    load(answers, asked, signal),
    asked.about.years.length > 1 ? answers.askIfAny("trend", bodyOf(asked), signal) : null,
  ]);
  return { show: "level", unit: "percent", ...model, ...yearsOf(trend) };
}

async function loadRanked(answers, asked, signal) {
  const year = asked.year ? { year: Number(asked.year) } : {};
  const ranking = await answers.ask("ranking", { ...bodyOf(asked), ...year }, signal);
  const { about } = ranking.data;
  const single = /^\d{4}$/.test(about.years) ? Number(about.years) : null;
  const level = levelOf(asked, single);
  const ranked = objects(ranking.data).map((row) => ({
    ...reading(row),
    status: "value",
    rank: row.rank,
    rankLow: row.rank_low,
    rankHigh: row.rank_high,
    from: row.from_national,
  }));
  const absent = (why, status, isFilled = false) =>
    (about.without_estimate[why] ?? []).map((state) => ({ state, status, isFilled, value: null }));
  return {
    rows: [
      ...ranked,
      ...absent("suppressed", "withheld"),
      ...absent("filled", "withheld", true),
      ...absent("not released", "unreleased"),
      ...absent("no estimate", "missing"),
      ...absent("no row", "missing"),
    ],
    national: about.national,
    ...toldBy(about),
    years: about.years,
    year: single,
    lowerIsBetter: about.better === "lower",
    ofState: (state) => ["query", ofPlaces(level, state)],
    takes: {
      map: single
        ? { ...answers.of("query", { ...level, group_by: ["state"] }), chart: "map" }
        : { ...ranking, chart: "map" },
      states: { ...ranking, chart: "dot" },
    },
  };
}

/** The same of a question of which it is not known whether low or high is better. */
async function loadUnranked(answers, asked, signal) {
  const year = Number(asked.year) || asked.about.years.at(-1) || null;
  const level = levelOf(asked, year);
  const found = await answers.ask("query", { ...level, group_by: ["state"] }, signal);
  const { about } = found.data;
  const all = objects(found.data).map((row) => ({ ...reading(row), ...statusOf(row) }));
  const national = all.find((row) => row.state === NATION && row.value !== null) ?? null;
  for (const row of all)
    row.from = national && row.value !== null ? row.value - national.value : null;
  return {
    rows: inOrder(all, null),
    national,
    ...toldBy(about),
    years: String(year ?? asked.about.periods[0]),
    year,
    lowerIsBetter: null,
    ofState: (state) => ["query", ofPlaces(level, state)],
    takes: takesOf(found),
  };
}

/** Load the groups of places, in the year of a model, the latest where that has none, as {take, rows, years}. */
export async function loadGroups(answers, asked, model, places, signal) {
  const where = { state: places };
  if (model.year) where.year = model.year;
  const body = {
    question: asked.question,
    group_by: ["state", "category", "stratum"],
    where,
  };
  const take = await answers.ask("query", body, signal);
  const rows = objects(take.data).map((row) => ({
    ...reading(row),
    category: row.category,
    stratum: row.stratum,
    ...statusOf(row),
  }));
  return { take, rows, years: take.data.about.years };
}

/** Return what an answer says of itself. */
export function toldBy(about) {
  return { lacks: about.national_lacks, warnings: about.warnings, answer: sentenceOf(about) };
}

/** Return the one answer that holds all that is shown of the states. */
export function takesOf(found) {
  return { map: { ...found, chart: "map" }, states: { ...found, chart: "dot" } };
}

/** Return what a question asks of everyone, or of a group. */
export function bodyOf({ question, group }) {
  return group ? { question, stratum: group } : { question };
}

/** Return what is to be shown of the years of a trend's answer; of none, nothing. */
export function yearsOf(trend) {
  if (!trend) return { yearly: [], comparable: [] };
  const { about } = trend.data;
  return {
    yearly: [
      ...objects(about.yearly).map((row) => ({ ...row, status: "value" })),
      ...(about.gaps ? objects(about.gaps) : []).map(({ state, year, status }) => ({
        ...{ state, year, value: null, low: null, high: null, sample_size: null },
        status: STATUSES[status] ?? "missing",
      })),
    ],
    comparable: about.comparable,
    changes: objects(trend.data),
  };
}

/** Return the question that the years of these states answer. */
export function yearsTaken(answers, asked, states) {
  const level = ofPlaces(levelOf(asked, null), states);
  return { ...answers.of("query", { ...level, group_by: ["state", "year"] }), chart: "line" };
}

/** Return the states in order, best first, with ranks; equal values share one. */
export function inOrder(rows, lowerIsBetter) {
  const sign = lowerIsBetter === false ? -1 : 1;
  const states = rows.filter((row) => row.state !== NATION);
  const there = states.filter((row) => row.status === "value");
  there.sort((a, b) => sign * (a.value - b.value) || a.state.localeCompare(b.state));
  if (lowerIsBetter !== null) {
    for (const row of there) row.rank = 1 + there.findIndex((other) => other.value === row.value);
  }
  return [...there, ...states.filter((row) => row.status !== "value")];
}

/** Return what a row of an answer tells of a number. */
export function reading(row) {
  return {
    state: row.state,
    value: row.value,
    low: row.low ?? null,
    high: row.high ?? null,
    sample: row.sample_size ?? null,
    used: row.rows_used,
    presentation: row.presentation,
  };
}

/** Return what asks for the estimates of a year, or of the whole period, among those chosen. */
export function levelOf({ question, group }, year) {
  const where = { stratum: group || TOTAL, ...(year && { year }) };
  return { question, where };
}

function ofPlaces(body, state) {
  return { ...body, where: { ...body.where, state } };
}

function statusOf(row) {
  if (row.value !== null) return { status: "value" };
  const isFilled = !row.rows_suppressed && row.rows_filled > 0;
  return { status: STATUSES[row.status] ?? "missing", isFilled };
}

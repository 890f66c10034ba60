// What Explore can show in its views: how each is asked for, and what the views are to show of it.
//
// The views need ranks, differences and intervals together, so they show what they know; the page
// Statistics asks whatever the server has.
//
// A model has `rows`, one for each state, best first and those without a value last:
//   {state, status: "value" | "withheld" | "unreleased" | "missing", value, low, high, rank, rankLow,
//    rankHigh, from, sample, used, filled, isFilled, presentation, direction, change}
// `isFilled`: the file has a constant in the place of a withheld estimate.
// Where it is not known whether low or high is better, there are no ranks, and the lowest is first.
// `national` is {value, low, high} or null, `lacks` the states that it is made without, by years;
// `change` is {value, low, high, years} from the first year to the last. `segmentOf` of a trend tells
// the group of comparable years that a year is in, `comparable` are these groups, as texts.
// `from` is what the difference is taken from. `overall` is the number of all states together that
// the views have instead of a nation's. `answer` is the answer in a sentence, with its language;
// `ofState(state)` is the question whose answer says the same of one state.
// `takes` tells for each view the answer that holds what it shows, as {statistic, body, chart}: the
// kind of chart by which the server draws it, null where it does not.

import { NATION, TOTAL } from "./names.js";
import { parametersOf } from "./schemas.js";
import { objects } from "./tables.js";
import { sentenceOf } from "./wording.js";

const MEASURES = {
  estimate: { statistic: "ranking", load: loadEstimate },
  mean: { statistic: "diff_from_mean", load: loadMean },
  trend: { statistic: "trend", needsYears: true, load: loadTrend },
};
// What the API says of an estimate that is not there, and what the views call it.
const STATUSES = { withheld: "withheld", "not released": "unreleased" };
const PARAMETERS = { stratum: "group", year: "year" }; // and the choices that they are made from

/**
 * Return what the views can show by name: {takes, needsYears, load}. `statistics` is the server's
 * list; a measure is there when its statistic is, and takes the choices that this has parameters of.
 */
export function measuresOf(statistics) {
  const found = Object.entries(MEASURES).flatMap(([name, measure]) => {
    const one = statistics.find((other) => other.name === measure.statistic);
    if (!one) return [];
    const asked = Object.keys(parametersOf(one));
    return [[name, { ...measure, takes: asked.map((parameter) => PARAMETERS[parameter]) }]];
  });
  return Object.fromEntries(found);
}

/** Return a state's strata, [{category, stratum, value, low, high, ...}], and the answer they are of. */
export async function loadStrata(answers, asked, model, signal) {
  const where = { state: asked.state };
  if (model.year) where.year = model.year;
  const body = {
    question: asked.question,
    group_by: ["category", "stratum"],
    where,
    method: methodOf(model),
  };
  const take = await answers.ask("query", body, signal);
  const rows = objects(take.data).map((row) => ({
    ...reading(row),
    category: row.category,
    stratum: row.stratum,
    // Other methods leave them out, so their numbers are not made of them.
    filled: model.statistic === "mean" ? row.rows_filled : 0,
    ...statusOf(row),
  }));
  return { take, rows };
}

// Of one row, as each stratum has it in a single year, the median is CDC's own estimate. Of several,
// it needs no sample sizes, and leaves out what CDC withholds; the course's mean does not.
function methodOf({ statistic }) {
  return statistic === "mean" ? "mean" : "median";
}

/** The estimates of one year, as CDC publishes them. */
async function loadEstimate(answers, asked, signal) {
  if (asked.lowerIsBetter === null) return loadUnranked(answers, asked, signal);
  const body = { question: asked.question };
  if (asked.group) body.stratum = asked.group;
  if (asked.year) body.year = Number(asked.year);
  const ranking = await answers.ask("ranking", body, signal);
  const { about } = ranking.data;
  const year = /^\d{4}$/.test(about.years) ? Number(about.years) : null;
  const level = levelOf(asked, year);
  const map = year ? answers.of("query", { ...level, group_by: ["state"] }) : ranking;
  const ranked = objects(ranking.data).map((row) => ({
    ...reading(row),
    state: row.state,
    status: "value",
    rank: row.rank,
    rankLow: row.rank_low,
    rankHigh: row.rank_high,
    from: row.from_national,
  }));
  const absent = (why, status, isFilled = false) =>
    (about.without_estimate[why] ?? []).map((state) => ({ state, status, isFilled, value: null }));
  return {
    statistic: "estimate",
    unit: "percent",
    rows: [
      ...ranked,
      ...absent("suppressed", "withheld"),
      ...absent("filled", "withheld", true),
      ...absent("not released", "unreleased"),
      ...absent("no estimate", "missing"),
      ...absent("no row", "missing"),
    ],
    national: about.national,
    lacks: about.national_lacks,
    years: about.years,
    year,
    lowerIsBetter: about.better === "lower",
    warnings: about.warnings,
    answer: sentenceOf(about),
    ofState: (state) => ["query", inState(level, state)],
    takes: { ...takesOf(ranking), map: { ...map, chart: "map" } },
  };
}

/** Return what asks for the estimates of a year, or of the whole period, among those chosen. */
function levelOf({ question, group }, year) {
  const where = { stratum: group || TOTAL, ...(year && { year }) };
  return { question, where, method: group ? "median" : "overall" };
}

function inState(body, state) {
  return { ...body, where: { ...body.where, state } };
}

/** The same of a question of which it is not known whether low or high is better. */
async function loadUnranked(answers, asked, signal) {
  const years = asked.about.years;
  const year = Number(asked.year) || years.at(-1) || null;
  const level = levelOf(asked, year);
  const found = await answers.ask("query", { ...level, group_by: ["state"] }, signal);
  const { about } = found.data;
  const all = objects(found.data).map((row) => ({
    ...reading(row),
    state: row.state,
    ...statusOf(row),
  }));
  const national = nationOf(all);
  for (const row of all)
    row.from = national && row.value !== null ? row.value - national.value : null;
  return {
    statistic: "estimate",
    unit: "percent",
    rows: ranked(all, null),
    national,
    lacks: about.national_lacks,
    years: String(year ?? asked.about.periods[0]),
    year,
    lowerIsBetter: null,
    warnings: about.warnings,
    answer: sentenceOf(about),
    ofState: (state) => ["query", inState(level, state)],
    takes: takesOf(found),
  };
}

/** The mean over all rows of 2011-2022, as the course's nine statistics have it. */
async function loadMean(answers, asked, signal) {
  const mean = { question: asked.question, method: "mean" };
  const [found, differences] = await Promise.all([
    answers.ask("query", { ...mean, group_by: ["state"] }, signal),
    // It does not tell the version of its dataset, so the server is asked whether it still is so.
    answers.ask("diff_from_mean", { question: asked.question }, signal, "no-cache"),
  ]);
  const { about } = found.data;
  const all = objects(found.data).map((row) => ({
    ...reading(row),
    state: row.state,
    ...statusOf(row),
    filled: row.rows_filled,
    from: differences.data[row.state] ?? null,
  }));
  // The differences are from the mean over the rows of all states, not from the nation's.
  const some = all.find((row) => row.status === "value" && row.from !== null);
  return {
    statistic: "mean",
    unit: "percent",
    rows: ranked(all, asked.lowerIsBetter),
    national: null,
    overall: some ? some.value + some.from : null,
    years: "2011-2022",
    year: null,
    lowerIsBetter: asked.lowerIsBetter,
    warnings: about.warnings,
    answer: sentenceOf(about),
    ofState: (state) => ["query", { ...mean, where: { state } }],
    takes: { ...takesOf(found), difference: differences },
  };
}

/** The change a year, by a weighted line through the yearly estimates. */
async function loadTrend(answers, asked, signal) {
  const body = { question: asked.question };
  if (asked.group) body.stratum = asked.group;
  const found = await answers.ask("trend", body, signal);
  const { about } = found.data;
  const all = objects(found.data).map((row) => ({
    ...reading({ ...row, value: row.slope }),
    state: row.state,
    status: row.slope === null ? "missing" : "value",
    direction: row.direction,
    change:
      row.change === null
        ? null
        : { value: row.change, low: row.change_low, high: row.change_high, years: row.years },
    from: row.from_national,
  }));
  const groups = about.comparable;
  const level = levelOf(asked, null);
  const yearly = [
    ...objects(about.yearly).map((row) => ({ ...row, status: "value" })),
    ...(about.gaps ? objects(about.gaps) : []).map(({ state, year, status }) => ({
      ...{ state, year, value: null, low: null, high: null, sample_size: null },
      status: STATUSES[status] ?? "missing",
    })),
  ];
  const hasNation = yearly.some(({ state }) => state === NATION);
  const years = (state) => inState(level, hasNation ? [state, NATION] : state);
  return {
    statistic: "trend",
    unit: "points",
    rows: ranked(all, asked.lowerIsBetter),
    national: nationOf(all),
    lacks: about.national_lacks,
    years: about.years,
    year: null,
    lowerIsBetter: asked.lowerIsBetter,
    warnings: about.warnings,
    answer: sentenceOf(about),
    ofState: (state) => ["trend", { ...body, state }],
    yearly,
    segmentOf: (year) => groups.findIndex((years) => years.includes(year)),
    comparable: groups.map(spansOf),
    takes: takesOf(found),
    takeOfYears: (state) => answers.of("query", { ...years(state), group_by: ["state", "year"] }),
  };
}

/** What views of all states may take away of one answer to all that they show. */
function takesOf(found) {
  return {
    map: { ...found, chart: "map" },
    ranking: { ...found, chart: "dot" },
    difference: { ...found, chart: null },
  };
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

function reading(row) {
  return {
    value: row.value,
    low: row.low ?? null,
    high: row.high ?? null,
    sample: row.sample_size ?? null,
    used: row.rows_used,
    presentation: row.presentation,
  };
}

function statusOf(row) {
  if (row.value !== null) return { status: "value" };
  const isFilled = !row.rows_suppressed && row.rows_filled > 0;
  return { status: STATUSES[row.status] ?? "missing", isFilled };
}

function nationOf(rows) {
  return rows.find((row) => row.state === NATION && row.value !== null) ?? null;
}

/** Return the states in order, best first, with ranks; equal values share one. */
function ranked(rows, lowerIsBetter) {
  const sign = lowerIsBetter === false ? -1 : 1;
  const states = rows.filter((row) => row.state !== NATION);
  const there = states.filter((row) => row.status === "value");
  there.sort((a, b) => sign * (a.value - b.value) || a.state.localeCompare(b.state));
  if (lowerIsBetter !== null) {
    for (const row of there) row.rank = 1 + there.findIndex((other) => other.value === row.value);
  }
  return [...there, ...states.filter((row) => row.status !== "value")];
}

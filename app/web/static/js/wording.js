// A state's or a stratum's number in words: the number, and what is behind it.

import { NATION } from "./names.js";
import { called, count, language, listed, number, t } from "./texts.js";

/** Return an answer in a sentence as {text, lang}: in the page's language where there is one. */
export function sentenceOf(about) {
  const own = about?.[`answer_${language}`];
  return own ? { text: own, lang: language } : { text: about?.answer ?? "", lang: "en" };
}

const KINDS = { Sex: "sex", Gender: "sex", "Age (years)": "age" };

/** Return how a headline goes on where it is of one group, such as " among men". */
export function whoText(group, categories) {
  if (!group) return "";
  const { name } = categories.find(({ strata }) => strata.some((one) => one.name === group));
  const kind = KINDS[name] ?? "group";
  const own = called("strata", group);
  const words = t(`explore.among.${kind}`, { group: kind === "sex" ? own.toLowerCase() : own });
  return ` ${words}`;
}

/** Return a value with its unit. */
export function valueText(value, unit, sign = unit === "points") {
  return t(`units.${unit}`, { value: number(value, unit === "points" ? 2 : 1, sign) });
}

/** Return "35.1 to 37.7", or null where there is no interval. */
export function rangeText(row, unit, decimals = unit === "points" ? 2 : 1) {
  if (row.low === null || row.high === null || row.low === undefined) return null;
  const [low, high] = [row.low, row.high].map((end) => number(end, decimals, unit === "points"));
  return t("tell.range", { low, high });
}

/** Return what is behind a number, as [term, text] pairs. */
export function behind(row, model) {
  if (row.status !== "value") {
    const why = row.isFilled && row.status === "withheld" ? "filled" : row.status;
    return [[t("tell.why"), t(`status.${why}_about`)]];
  }
  const ranks =
    row.rankLow !== null && row.rankLow !== undefined && row.rankLow !== row.rankHigh
      ? t("tell.rank_range", { low: row.rankLow, high: row.rankHigh })
      : "";
  const states = model.rows.filter((other) => other.status === "value").length;
  const from = row.from === null || row.from === undefined ? null : row.from;
  return [
    [t("tell.interval"), rangeText(row, model.unit)],
    [t("tell.rank"), row.rank ? `${t("tell.rank_of", { rank: row.rank, states })}${ranks}` : null],
    [t("tell.from_nation"), from === null ? null : differenceText(from, model)],
    [t("tell.change"), row.change ? changeText(row.change, model) : null],
    [t("tell.direction"), row.direction ? directionText(row.direction) : null],
    [t("tell.sample"), row.sample === null ? null : count("tell.people", row.sample)],
    [t("tell.made_of"), madeOf(row)],
    [t("tell.presentation"), presentationText(row.presentation)],
  ];
}

/** Return a difference with its sign. */
export function differenceText(from, model) {
  return t("units.difference", { value: number(from, model.unit === "points" ? 2 : 1, true) });
}

/** Return a change from one year to another, with its interval. */
function changeText({ value, low, high, years }, model) {
  const change = t("units.difference", { value: number(value, 1, true) });
  const range = rangeText({ low, high }, model.unit, 1);
  return [range ? `${change} (${range})` : change, years].join(", ");
}

/** Return a direction as the API calls it, such as "no clear change". */
export function directionText(direction) {
  return t(`direction.${direction.replaceAll(" ", "_")}`);
}

/** Return places in a row, as "Ohio, Indiana and Kentucky". */
export function placesText(places) {
  return listed(places.map(placeText));
}

/** Return what the page calls a place. */
export function placeText(place) {
  return place === NATION ? t("names.nation") : called("places", place);
}

/** Return the states that the nation's numbers are made without, or null where there are none. */
export function lacksText({ lacks, year }) {
  const parts = Object.entries(lacks ?? {}).map(([years, states]) =>
    year ? placesText(states) : `${placesText(states)} (${years})`,
  );
  return parts.length ? parts.join(", ") : null;
}

/** Return a row in one sentence, for who does not see it. */
export function sentence(row, model) {
  const name = placeText(row.state);
  if (row.status !== "value") return `${name}: ${t(`status.${row.status}`)}`;
  const parts = [valueText(row.value, model.unit), rangeText(row, model.unit)];
  if (row.rank) parts.push(t("tell.rank_short", { rank: row.rank }));
  return `${name}: ${parts.filter(Boolean).join(", ")}`;
}

function madeOf(row) {
  return row.used === undefined ? null : count("tell.rows", row.used);
}

function presentationText(mark) {
  if (!mark) return null;
  const [kind, ...rest] = mark.split(": ");
  const told = rest.join(": ").split("; ").filter(Boolean).map(reasonText);
  return told.length
    ? `${t(`presentation.${kind}`)} (${told.join("; ")})`
    : t(`presentation.${kind}`);
}

/** Return a reason in the page's language; its numbers are {0}, {1} and so on in the texts. */
function reasonText(reason) {
  const figures = [];
  const text = reason.replace(/\d+(\.\d+)?/g, (figure) => `{${figures.push(figure) - 1}}`);
  return called("reasons", text).replace(/\{(\d+)\}/g, (_, place) =>
    number(Number(figures[place]), figures[place].includes(".") ? 1 : 0),
  );
}

// Two questions against each other, over the states.

import { drawScatter } from "../charts/scatter.js";
import { element } from "../dom.js";
import { Marks } from "../marks.js";
import { NATION } from "../names.js";
import { plain, t } from "../texts.js";
import { placeText, rangeText, sentenceOf, valueText, whoText } from "../wording.js";
import { objects } from "./answers.js";
import { Card } from "./card.js";
import { findQuestion, nameOf, questionOptions, shortName } from "../questions.js";
import { levelOf, reading } from "./levels.js";

/** Return the question that stands beside another where none is chosen: one that has its year, if any. */
function besideOf(questions, { about, year }) {
  const others = questions.filter((one) => one !== about);
  const inYear = others.filter((one) => !year || one.years.includes(Number(year)));
  const among = inYear.length ? inYear : others;
  return nameOf(among.find(({ topic }) => topic !== about.topic) ?? among[0], questions);
}

/** Load two questions, of one year that has both: {take, about, points}. */
export async function loadPair(answers, asked, questions, signal) {
  const other = asked.other || besideOf(questions, asked);
  const body = { questions: [asked.question, other] };
  if (asked.group) body.stratum = asked.group;
  if (asked.year) body.year = Number(asked.year);
  const take = await answers.ask("correlation", body, signal);
  const { about } = take.data;
  const levels = await Promise.all(
    body.questions.map(async (question) => {
      const level = levelOf({ question, group: asked.group }, Number(about.years) || null);
      const found = await answers.ask("query", { ...level, group_by: ["state"] }, signal);
      return new Map(objects(found.data).map((row) => [row.state, reading(row)]));
    }),
  );
  const states = objects(about.points)
    .map(({ state }) => state)
    .filter((state) => state !== NATION);
  const points = states.map((state) => ({
    state,
    x: levels[0].get(state),
    y: levels[1].get(state),
  }));
  return { take: { ...take, chart: "" }, about, other, points };
}

export class PairView extends Card {
  /** `known` has the lists of the API; `choose(question)` is called for another second question. */
  constructor(known, events, choose) {
    super("pair");
    this.known = known;
    this.marks = new Marks(this.place, events);
    this.select = document.getElementById("other");
    this.select.replaceChildren(...questionOptions(known.questions));
    this.select.addEventListener("change", () => choose(this.select.value));
  }

  /** Show a pair, marking the states that are chosen. */
  async show(pair, chosen) {
    this.shown = { pair, chosen };
    for (const option of this.select.options) option.disabled = option.value === chosen.question;
    this.select.value = pair.other;
    this.settle();
    const [x, y] = this.#names();
    const who = whoText(chosen.group, this.known.categories);
    this.entitle(t("pair.title", { x, y, who, years: pair.about.years }), t("pair.note"));
    this.parts.sentence.textContent = sentenceOf(pair.about).text;
    this.parts.sentence.lang = sentenceOf(pair.about).lang;
    this.parts.warnings.replaceChildren(
      ...pair.about.warnings.map((text) => element("li", {}, plain(text))),
    );
    await this.redraw();
  }

  /** Draw for another width. */
  async redraw() {
    if (!this.shown) return;
    const { pair, chosen } = this.shown;
    const names = this.#names();
    const points = pair.points.map((point) => ({ ...point, told: told(point, names) }));
    await drawScatter(this.place, points, names, chosen.states);
    this.marks.take(({ state }) => chosen.states.includes(state));
  }

  #names() {
    const { questions } = this.known;
    const { pair, chosen } = this.shown;
    return [chosen.question, pair.other].map((name) =>
      shortName(findQuestion(questions, name), questions),
    );
  }
}

function told({ state, x, y }, names) {
  const parts = [x, y].map((row, place) => {
    const range = rangeText(row, "percent");
    return `${names[place]} ${valueText(row.value, "percent")}${range ? ` (${range})` : ""}`;
  });
  return `${placeText(state)}: ${parts.join(", ")}`;
}

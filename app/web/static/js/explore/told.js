// What the page tells in words: the headline, the number, the answer in a sentence, what to know.

import { element } from "../dom.js";
import { NATION } from "../names.js";
import { shortName } from "../questions.js";
import { called, language, number, plain, t } from "../texts.js";
import { placeText, placesText, rangeText, valueText, whoText } from "../wording.js";

export class Told {
  constructor(known) {
    this.known = known;
    this.title = ""; // of all that is shown
    this.place = document.querySelector(".told");
    const ids = ["headline", "question-text", "answer", "verdicts", "cautions", "cautions-list"];
    const figure = ["figure-value", "figure-unit", "figure-range", "figure-of"];
    const parts = [...ids, ...figure].map((id) => [id, document.getElementById(id)]);
    this.parts = Object.fromEntries(parts);
  }

  /** Name all that is shown: the question, the group, the states; the years are those of a model. */
  headline({ about, group, states, show }, model = null) {
    const name = shortName(about, this.known.questions);
    const what = show === "change" ? t("explore.change_of", { name }) : name;
    const who = whoText(group, this.known.categories);
    const named = `${what}${who}${states.length ? `: ${placesText(states)}` : ""}`;
    this.title = model ? `${named}, ${model.years}` : named;
    this.parts.headline.textContent = this.title;
    const text = called("question_texts", about.text);
    this.parts["question-text"].textContent = text;
    this.parts["question-text"].lang = text === about.text ? "en" : language;
    document.title = `${this.title} · Le Stats Sportif`;
  }

  /** Tell that all this is of what was chosen before, until what is chosen now is known. */
  busy() {
    this.place.ariaBusy = "true";
  }

  settle() {
    this.place.ariaBusy = "false";
  }

  /** Say the answer; `more` is a button beside it. */
  say(text, lang = language, more = null) {
    const answer = this.parts.answer;
    answer.lang = lang;
    answer.classList.remove("error");
    answer.replaceChildren(...[text, more].filter(Boolean));
    this.parts.verdicts.textContent = "";
  }

  /** Say why there is none. */
  fail(text, more) {
    this.say(text, language, more);
    this.parts.answer.classList.add("error");
  }

  /** Say of how many others a state is clear; `counts` has them by verdict. */
  verdicts(state, counts) {
    const { kind } = this.known.states.find(({ name }) => name === state);
    const name = placeText(state);
    this.parts.verdicts.textContent = t("explore.verdicts", {
      state: kind === "district" ? t("explore.the_district", { state: name }) : name,
      others: Object.values(counts).reduce((sum, count) => sum + count, 0),
      above: counts.higher,
      below: counts.lower,
      unclear: counts["no clear difference"],
    });
  }

  /** Show the number of a state, of the nation where none is chosen, large. */
  figure(state, model) {
    const row = state ? model.rows.find((one) => one.state === state) : model.national;
    const is = Number.isFinite(row?.value);
    const range = is ? rangeText(row, model.unit) : null;
    const isChange = model.unit === "points"; // its unit has many words
    const value = () => (isChange ? number(row.value, 2, true) : valueText(row.value, model.unit));
    this.parts["figure-value"].textContent = is ? value() : "";
    this.parts["figure-unit"].textContent = is && isChange ? t("map.legend_points") : "";
    this.parts["figure-range"].textContent = range ? t("figure.range", { range }) : "";
    this.parts["figure-of"].textContent = is ? placeText(state ?? NATION) : "";
  }

  /** List what to know before using the numbers. */
  cautions(warnings) {
    this.parts.cautions.hidden = !warnings.length;
    const items = warnings.map((text) => element("li", {}, plain(text)));
    this.parts["cautions-list"].replaceChildren(...items);
  }

  /** Show no number, and nothing to know of it. */
  clear() {
    this.cautions([]);
    this.figure(null, { national: null });
  }
}

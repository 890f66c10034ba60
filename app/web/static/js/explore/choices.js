// The bar above all that is shown: what can be chosen, and what is.

import { element } from "../dom.js";
import { nearest } from "../likeness.js";
import { NATION, TOTAL, folded } from "../names.js";
import { findQuestion, nameOf, optionGroup, questionOptions } from "../questions.js";
import { called, t } from "../texts.js";
import { ChosenStates, MOST, findPlace } from "./chosen_states.js";
import { YearSlider } from "./year_slider.js";

const UNREPORTED = "Data not reported";
const SHOWS = ["level", "change"];
const VIEWS = ["overview", "years", "pair"];
const SORTS = ["rank", "state", "value", "difference"];

export class Choices {
  /**
   * `known` has the lists of the API: questions, states, categories; and the `shapes` of states.
   * `changed` is called with the name of a control when something else is chosen by it, and returns
   * when that is shown.
   */
  constructor(form, known, changed) {
    this.form = form.elements;
    this.first = form.dataset.first; // the question that is shown where none is chosen
    this.known = known;
    this.more = {}; // what has no control in the bar: show, against, sort, rows, view, other
    this.slider = new YearSlider(document.getElementById("years-field"), () => changed("year"));
    const message = document.getElementById("link-message");
    this.states = new ChosenStates(
      known,
      () => changed("states"),
      (text) => {
        message.textContent = text;
      },
    );
    this.#fold(document.getElementById("fold"), form);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", ({ target }) => {
      if (!["question", "group"].includes(target.name)) return;
      if (target.name === "question") this.#years(this.slider.value);
      changed(target.name);
    });
  }

  /**
   * Choose what an address says; return the choices of it that there are not, as {choice, value, nearest},
   * where `nearest` is the [value, text] of the one that was perhaps meant, if one is like it.
   */
  put(given) {
    const wrong = [];
    const miss = (choice, value, options = []) =>
      wrong.push({ choice, value, nearest: nearest(value, options) });
    const { questions } = this.known;
    const asked = given.question && findQuestion(questions, given.question);
    const several = questions.filter((question) => question.id === given.question).length > 1;
    const first = findQuestion(questions, this.first) ?? questions[0];
    this.#questions(nameOf(asked ?? first, questions));
    if (given.question && !asked && several) miss("one_question", given.question);
    else if (given.question && !asked)
      miss("question", given.question, optionsOf(this.form.question));
    if (!this.#groups(given.group)) miss("group", given.group, optionsOf(this.form.group));
    this.#years(given.year);
    if (given.year && this.slider.value !== given.year)
      wrong.push({ choice: "year", value: given.year, nearest: this.#nearestYear(given.year) });
    const states = (given.states ?? "").split(",").filter((name) => name.trim());
    for (const name of this.states.put(states)) miss("state", name, this.states.options);
    if (this.states.isCut) wrong.push({ choice: "more_states", value: MOST, nearest: null });
    if (given.against && !this.#against(given.against))
      miss("against", given.against, this.states.options);
    for (const [name, among] of Object.entries({ show: SHOWS, view: VIEWS }))
      if (given[name] && !among.includes(given[name]))
        miss(
          name,
          given[name],
          among.map((one) => [one, textOf(name, one)]),
        );
    const sort = given.sort?.replace(/^-/, "");
    if (given.sort && !SORTS.includes(sort)) miss("sort", given.sort);
    if (given.rows && given.rows !== "all") miss("rows", given.rows);
    const { hasYears } = this;
    this.more = {
      show: pick(given.show, SHOWS),
      against: this.#against(given.against),
      sort: pick(sort, SORTS) && given.sort,
      rows: pick(given.rows, ["all"]),
      view: pick(given.view, VIEWS),
      other: this.#other(given.other, miss),
    };
    if ((this.more.show === "change" || this.more.view === "years") && !hasYears) {
      miss("years", given.show ?? given.view);
      this.more.show = this.more.view = "";
    }
    if (this.more.view === "pair" && questions.length < 2) {
      miss("view", given.view);
      this.more.view = "";
    }
    return wrong;
  }

  /** Return the second question of a name, where it is another than the first. */
  #other(name, miss) {
    const { questions } = this.known;
    const found = name && findQuestion(questions, name);
    if (name && !found) miss("other", name, optionsOf(this.form.question));
    if (found === this.about) miss("self", name);
    return found && found !== this.about ? nameOf(found, questions) : "";
  }

  /** What is chosen, with empty texts for what is not. `question` is as the API takes it. */
  get chosen() {
    const { more, about } = this;
    const states = this.states.names;
    const isChange = more.show === "change";
    return {
      question: this.form.question.value,
      about,
      lowerIsBetter: about.direction === null ? null : about.direction.startsWith("lower"),
      show: isChange ? "change" : "level",
      group: this.form.group.value,
      year: isChange ? "" : this.slider.value,
      states,
      against:
        states.includes(more.against) || more.against === NATION
          ? more.against
          : (states[0] ?? NATION),
      sort: more.sort || "rank",
      isWhole: more.rows === "all",
      view: more.view || "overview",
      other: more.other || "",
    };
  }

  /** What the address is to say. */
  get link() {
    const { question, group } = this.chosen;
    const { value: year } = this.slider; // which the level has once the change is not shown any more
    const { show, against, sort, rows, view, other } = this.more;
    const states = this.states.link;
    return {
      ...{ question, group, year, states, sort, rows, other: view === "pair" ? other : "" },
      show: show === "level" ? "" : show,
      against: against && against !== (this.states.names[0] ?? NATION) ? against : "",
      view: view === "overview" ? "" : view,
    };
  }

  /** Choose something that has no control in the bar. */
  set(more) {
    this.more = { ...this.more, ...more };
  }

  /** The question as the API lists it. */
  get about() {
    return findQuestion(this.known.questions, this.form.question.value);
  }

  /** Whether the question was asked in more than one single year. */
  get hasYears() {
    return this.about.years.length > 1;
  }

  /** Show which year is shown, and on a phone, in one line, all that is chosen. */
  tell(model, title) {
    this.slider.tell(model.year);
    document.getElementById("fold-text").textContent = title;
  }

  #nearestYear(text) {
    const years = this.about.years.map((year) => [Math.abs(year - text), String(year)]);
    const [[, year] = []] = years.filter(([apart]) => apart >= 0).sort(([a], [b]) => a - b);
    return year ? [year, year] : null;
  }

  #against(name) {
    return (name && findPlace(this.known.states, name)?.name) || "";
  }

  #questions(chosen) {
    const { questions } = this.known;
    fill(this.form.question, questionOptions(questions), chosen);
  }

  /** Offer the groups, choose the one of a name, and tell whether there is one. */
  #groups(chosen = "") {
    const groups = this.known.categories
      .filter((category) => category.name !== TOTAL)
      .map((category) =>
        optionGroup(
          called("categories", category.name),
          category.strata
            .filter((stratum) => stratum.name !== UNREPORTED)
            .map((stratum) => [stratum.name, called("strata", stratum.name)]),
        ),
      );
    const everyone = element("option", { value: "" }, t("choose.everyone"));
    const isEveryone = folded(chosen) === folded(TOTAL);
    return fill(this.form.group, [everyone, ...groups], isEveryone ? "" : chosen);
  }

  #years(chosen) {
    this.slider.offer(this.about.years, chosen);
  }

  /** On a phone the bar is one line until it is opened. */
  #fold(button, form) {
    button.addEventListener("click", () => {
      const isOpen = form.classList.toggle("open");
      button.setAttribute("aria-expanded", String(isOpen));
    });
  }
}

function textOf(choice, name) {
  return choice === "show" ? t(`map.${name}`) : t(`tabs.${name}`);
}

function pick(value, among) {
  return among.includes(value) ? value : "";
}

function optionsOf(select) {
  return [...select.options].map(({ value, text }) => [value, text]);
}

/** Offer options, choose the one of a name, that of the page too, or else the first; tell whether there is one. */
function fill(select, children, chosen) {
  select.replaceChildren(...children);
  const options = [...select.options];
  const is = (name) => folded(name) === folded(chosen);
  const found = options.find(({ value }) => is(value)) ?? options.find(({ text }) => is(text));
  select.value = (found ?? options[0]).value;
  select.disabled = options.length < 2;
  return Boolean(found);
}

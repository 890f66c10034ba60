// The form above the views: what can be chosen, and what is.

import { element } from "./dom.js";
import { TOTAL } from "./names.js";
import { called, t } from "./texts.js";

const UNREPORTED = "Data not reported";
const FIRST_QUESTION = "Q036";
const LIKE = 0.4; // the share of pairs of letters that two names have in common, at least

export class Choices {
  /**
   * `known` has the lists of the API: questions, states, categories; and the `measures` that can be
   * shown. `changed` is called when something else is chosen.
   */
  constructor(form, known, changed) {
    this.form = form.elements;
    this.known = known;
    this.hasYears = known.questions.some((question) => question.years.length);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", ({ target }) => {
      if (target.name === "question") this.#years(this.form.year.value);
      this.#offer();
      changed(target.name);
    });
  }

  /**
   * Choose what a link says; return the choices of it that there are not, as {choice, value, nearest},
   * where `nearest` is the [value, text] of the option that was perhaps meant, if one is like it.
   */
  put(given) {
    const wrong = [];
    const miss = (choice, value, control = null) =>
      wrong.push({ choice, value, nearest: control && nearest(value, this.form[control].options) });
    const { questions, states } = this.known;
    const asked = given.question && find(questions, given.question);
    const several = questions.filter((question) => question.id === given.question).length > 1;
    const first = find(questions, FIRST_QUESTION) ?? questions[0];
    this.#questions(nameOf(asked ?? first, questions));
    if (given.question && !asked && several) miss("one_question", given.question);
    else if (given.question && !asked) miss("question", given.question, "question");
    this.#statistics(given.statistic);
    if (given.statistic && !Object.hasOwn(this.known.measures, given.statistic)) {
      miss("statistic", given.statistic, "statistic");
    } else if (given.statistic && this.form.statistic.value !== given.statistic) {
      miss("years", given.statistic);
    }
    this.#groups(given.group);
    this.#years(given.year);
    const state = given.state && findState(states, given.state);
    this.#states(state?.abbreviation ?? "");
    if (given.state && !state) miss("state", given.state, "state");
    this.#offer();
    for (const name of ["group", "year"]) {
      if (given[name] && this.form[name].value !== given[name]) miss(name, given[name], name);
    }
    return wrong;
  }

  /** What is chosen, with empty texts for what is not. `question` is as the API takes it. */
  get chosen() {
    const { question, statistic, state } = this.form;
    const { takes } = this.known.measures[statistic.value];
    const heeded = (name) => (takes.includes(name) ? this.form[name].value : "");
    const { known } = this;
    const about = find(known.questions, question.value);
    return {
      question: question.value,
      about,
      lowerIsBetter: about.direction === null ? null : about.direction.startsWith("lower"),
      statistic: statistic.value,
      group: heeded("group"),
      year: heeded("year"),
      state: findState(known.states, state.value)?.name ?? "",
    };
  }

  /** What the address is to say. */
  get link() {
    const { question, statistic, group, year, state } = this.chosen;
    const abbreviation = findState(this.known.states, state)?.abbreviation ?? "";
    return { question, statistic, group, year, state: abbreviation };
  }

  /** Choose a state by its name; again, to choose none. */
  toggle(state) {
    const abbreviation = findState(this.known.states, state)?.abbreviation;
    if (!abbreviation) return; // on the map, but not in this dataset
    this.form.state.value = this.form.state.value === abbreviation ? "" : abbreviation;
  }

  #questions(chosen) {
    const { questions } = this.known;
    const topics = Map.groupBy(questions, (question) => question.topic);
    const groups = [...topics].map(([topic, members]) =>
      group(
        called("topics", topic),
        members.map((one) => [nameOf(one, questions), shortName(one, questions)]),
      ),
    );
    fill(this.form.question, groups, chosen);
  }

  #statistics(chosen) {
    const options = Object.entries(this.known.measures).map(([name, { needsYears }]) => {
      const off = needsYears && !this.hasYears;
      const text = t(`statistics.${name}.name`);
      return element(
        "option",
        { value: name, disabled: off },
        off ? t("choose.off", { text }) : text,
      );
    });
    const there =
      Object.hasOwn(this.known.measures, chosen ?? "") && !(this.known.measures[chosen].needsYears && !this.hasYears);
    fill(this.form.statistic, options, there ? chosen : "estimate");
  }

  #groups(chosen = "") {
    const groups = this.known.categories
      .filter((category) => category.name !== TOTAL)
      .map((category) =>
        group(
          called("categories", category.name),
          category.strata
            .filter((stratum) => stratum.name !== UNREPORTED)
            .map((stratum) => [stratum.name, called("strata", stratum.name)]),
        ),
      );
    fill(this.form.group, [option("", t("choose.everyone")), ...groups], chosen);
  }

  #years(chosen = "") {
    const { years } = find(this.known.questions, this.form.question.value);
    const options = years.toReversed().map((year) => option(String(year), String(year)));
    fill(
      this.form.year,
      [option("", t(years.length ? "choose.latest" : "choose.period")), ...options],
      chosen,
    );
  }

  #states(chosen) {
    const options = this.known.states
      .filter((state) => state.kind !== "nation")
      .map((state) => option(state.abbreviation, state.name));
    fill(this.form.state, [option("", t("choose.no_state")), ...options], chosen);
  }

  /** Let be chosen only what the statistic heeds. */
  #offer() {
    const { takes } = this.known.measures[this.form.statistic.value];
    for (const name of ["group", "year"]) {
      this.form[name].disabled = !takes.includes(name) || this.form[name].options.length < 2;
    }
    for (const name of ["question", "statistic", "state"]) this.form[name].disabled = false;
  }
}

/** Return what a question is called in the page's language. */
export function shortName(question, questions) {
  const name = called("questions", question.id);
  return name === question.id || !isAlone(question, questions) ? question.short_name : name;
}

/** A question goes by its id, or by its text where the id stands for several. */
export function nameOf(question, questions) {
  return question.id && isAlone(question, questions) ? question.id : question.text;
}

function isAlone(question, questions) {
  return questions.filter((other) => other.id === question.id).length === 1;
}

/** Return the question of a name: its id, its text, or its short name where no other has it. */
function find(questions, name) {
  const lower = name.toLowerCase();
  const short = questions.filter((question) => question.short_name.toLowerCase() === lower);
  return (
    questions.find((question) => nameOf(question, questions) === name || question.text === name) ??
    (short.length === 1 ? short[0] : undefined)
  );
}

/** Return the [value, text] of the option that is most like a name, null where none is like it. */
function nearest(name, options) {
  const own = pairs(name);
  const likeness = (text) => {
    const other = pairs(text);
    const common = other.filter((pair) => own.includes(pair)).length;
    return (2 * common) / (own.length + other.length);
  };
  let best = { like: LIKE };
  for (const { value, text } of options) {
    const like = value ? Math.max(likeness(value), likeness(text)) : 0;
    if (like >= best.like) best = { like, found: [value, text] };
  }
  return best.found ?? null;
}

/** Return each letter of a name with the next one. */
function pairs(name) {
  const letters = ` ${name.toLowerCase()} `;
  return [...new Set(Array.from(letters.slice(1), (next, place) => letters[place] + next))];
}

function findState(states, name) {
  return states.find((state) => state.abbreviation === name || state.name === name);
}

function option(value, text) {
  return element("option", { value }, text);
}

function group(label, options) {
  return element("optgroup", { label }, ...options.map(([value, text]) => option(value, text)));
}

function fill(select, children, chosen) {
  select.replaceChildren(...children);
  const values = [...select.options].map((one) => one.value);
  select.value = values.includes(chosen) ? chosen : values[0];
}

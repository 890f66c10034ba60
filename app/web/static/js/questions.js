// What questions are called, and how they are offered.

import { element } from "./dom.js";
import { folded } from "./names.js";
import { called } from "./texts.js";

/** Return the questions as groups of options, by topic. */
export function questionOptions(questions) {
  const topics = Map.groupBy(questions, (question) => question.topic);
  return [...topics].map(([topic, members]) =>
    optionGroup(
      called("topics", topic),
      members.map((one) => [nameOf(one, questions), shortName(one, questions)]),
    ),
  );
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

/** Return the names by which the API finds a question: its text, and what no other has. */
export function namesOf(question, questions) {
  const own = ["id", "short_name"].filter(
    (key) => question[key] && questions.filter((other) => other[key] === question[key]).length === 1,
  );
  return [question.text, ...own.map((key) => question[key])];
}

/** Return the question of a name: one that the API finds, or a short name on the page that no other has. */
export function findQuestion(questions, name) {
  const wanted = folded(name);
  const is = (text) => folded(text) === wanted;
  const short = questions.filter((one) => is(shortName(one, questions)));
  return (
    questions.find((question) => namesOf(question, questions).some(is)) ??
    (short.length === 1 ? short[0] : undefined)
  );
}

function isAlone(question, questions) {
  return questions.filter((other) => other.id === question.id).length === 1;
}

/** Return options under a heading; they are [value, text]. */
export function optionGroup(label, options) {
  const made = options.map(([value, text]) => element("option", { value }, text));
  return element("optgroup", { label }, ...made);
}

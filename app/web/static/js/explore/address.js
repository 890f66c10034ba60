// What is chosen, as it stands in the address: a link shows what it showed.

const A_STEP = 1000; // milliseconds between choices that are several steps
const NAMES = {
  question: "q",
  show: "show",
  group: "group",
  year: "year",
  states: "state",
  against: "against",
  sort: "sort",
  rows: "rows",
  view: "view",
  other: "with",
};

/**
 * Return the choices of the address, as the server reads them for cards and frames; those that it does not
 * make are absent. States are separated by commas.
 */
export function readAddress() {
  const given = new URLSearchParams(window.location.search);
  const found = Object.entries(NAMES).map(([choice, name]) => [choice, given.getAll(name).join()]);
  const choices = Object.fromEntries(found.filter(([, value]) => value));
  choices.question ??= given.get("question"); // as the API calls it
  // Addresses of version 1 name a statistic.
  const statistic = given.get("statistic");
  if (statistic && statistic !== "estimate")
    choices.show ??= statistic === "trend" ? "change" : statistic;
  return choices;
}

/** Return the question that an address of version 1 asks the course's means of; null for others. */
export function asksMeans() {
  const given = new URLSearchParams(window.location.search);
  return given.get("statistic") === "mean" ? (given.get("q") ?? "") : null;
}

/** Return the address of these choices. */
export function addressOf(choices) {
  const address = new URL(window.location.pathname, window.location);
  const dataset = new URLSearchParams(window.location.search).get("dataset");
  if (dataset) address.searchParams.set("dataset", dataset);
  for (const [choice, name] of Object.entries(NAMES)) {
    if (choices[choice]) address.searchParams.set(name, choices[choice]);
  }
  return address.href.replaceAll("%2C", ",");
}

/**
 * Put choices into the address. What was chosen by hand, with the `control` of that name, is a step
 * that one can go back from; who tries out one choice after another takes one step.
 */
export function writeAddress(choices, control) {
  const address = addressOf(choices) + window.location.hash;
  if (address === window.location.href) return;
  const { state } = window.history;
  const goesOn = control && state?.control === control && Date.now() - state.at < A_STEP;
  const step = { control, at: Date.now() };
  window.history[control && !goesOn ? "pushState" : "replaceState"](step, "", address);
}

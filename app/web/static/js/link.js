// What is chosen, as it stands in the address: a link shows what it showed.

const A_STEP = 1000; // milliseconds between choices that are several steps
const NAMES = {
  question: "q",
  statistic: "statistic",
  group: "group",
  year: "year",
  state: "state",
};

/** Return the choices of the address; those that it does not make are absent. */
export function readLink() {
  const given = new URLSearchParams(window.location.search);
  const found = Object.entries(NAMES).map(([choice, name]) => [choice, given.get(name)]);
  return Object.fromEntries(found.filter(([, value]) => value));
}

/** Return the address of these choices, at a view if one is named. */
export function linkTo(choices, view = "") {
  const address = new URL(window.location.pathname, window.location);
  const dataset = new URLSearchParams(window.location.search).get("dataset");
  if (dataset) address.searchParams.set("dataset", dataset);
  for (const [choice, name] of Object.entries(NAMES)) {
    if (choices[choice]) address.searchParams.set(name, choices[choice]);
  }
  address.hash = view;
  return address.href;
}

/**
 * Put choices into the address. What was chosen by hand, with the `control` of that name, is a step
 * that one can go back from; who tries out one choice after another takes one step.
 */
export function writeLink(choices, control) {
  const address = linkTo(choices, window.location.hash.slice(1));
  if (address === window.location.href) return;
  const { state } = window.history;
  const goesOn = control && state?.control === control && Date.now() - state.at < A_STEP;
  const step = { control, at: Date.now() };
  window.history[control && !goesOn ? "pushState" : "replaceState"](step, "", address);
}

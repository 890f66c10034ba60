// What is chosen, as it stands in the address: a link shows what it showed.

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
  for (const [choice, name] of Object.entries(NAMES)) {
    if (choices[choice]) address.searchParams.set(name, choices[choice]);
  }
  address.hash = view;
  return address.href;
}

/** Put choices into the address; as a step to go back from, when they are `new`. */
export function writeLink(choices, isNew) {
  const address = linkTo(choices, window.location.hash.slice(1));
  if (address === window.location.href) return;
  window.history[isNew ? "pushState" : "replaceState"](null, "", address);
}

// Which of some names was perhaps meant, and how that is said.

import { element } from "./dom.js";
import { t } from "./texts.js";

const LIKE = 0.4; // the share of pairs of letters that two names have in common, at least

/** Return the [value, text] of `options` that is most like a name, null where none is like it. */
export function nearest(name, options) {
  const own = pairs(name);
  const likeness = (text) => {
    const other = pairs(text);
    const common = other.filter((pair) => own.includes(pair)).length;
    return (2 * common) / (own.length + other.length);
  };
  let best = { like: LIKE };
  for (const [value, text] of options) {
    const like = value ? Math.max(likeness(value), likeness(text)) : 0;
    if (like >= best.like) best = { like, found: [value, text] };
  }
  return best.found ?? null;
}

/**
 * Return what to say of a name in a link that there is not, as texts and nodes: of which kind it is, and
 * with a link to the [value, text] that was perhaps meant, if any. `hrefOf(value)` is its address.
 */
export function missing(kind, name, meant, hrefOf = (value) => here(kind, value)) {
  const told = t(`errors.no_${kind}`, { value: name });
  if (!meant) return [told];
  const [value, text] = meant;
  return [told, " ", element("a", { href: hrefOf(value) }, t("errors.nearest", { name: text }))];
}

/** Return the address of this page with another value of a parameter. */
function here(name, value) {
  const address = new URL(window.location);
  address.searchParams.set(name, value);
  return address.href;
}

/** Return each letter of a name with the next one. */
function pairs(name) {
  const letters = ` ${name.toLowerCase()} `;
  return [...new Set(Array.from(letters.slice(1), (next, place) => letters[place] + next))];
}

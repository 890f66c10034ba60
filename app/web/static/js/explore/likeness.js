// Which of some names was perhaps meant.

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

/** Return each letter of a name with the next one. */
function pairs(name) {
  const letters = ` ${name.toLowerCase()} `;
  return [...new Set(Array.from(letters.slice(1), (next, place) => letters[place] + next))];
}

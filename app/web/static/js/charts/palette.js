// The colours of css/tokens.css, as they are in the theme at hand.

const NAMES = [
  "paper",
  "card",
  "ink",
  "soft",
  "line",
  "accent",
  "accent-pale",
  "chosen",
  "sequence-1",
  "sequence-2",
  "sequence-3",
  "sequence-4",
  "sequence-5",
  "sequence-6",
  "below-3",
  "below-2",
  "below-1",
  "above-1",
  "above-2",
  "above-3",
  "hatch",
  "hatch-ground",
  "border",
];

/** Return the colours by name. */
export function palette() {
  const probe = document.createElement("span");
  document.body.append(probe);
  const found = {};
  for (const name of NAMES) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  found.font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return found;
}

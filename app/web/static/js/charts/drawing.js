// Draws Vega-Lite specifications in the page.
//
// Expressions are interpreted (`ast`), so that the page's policy needs no eval.

const OPTIONS = {
  mode: "vega-lite",
  renderer: "svg",
  actions: false,
  tooltip: false,
  defaultStyle: false,
  ast: true,
};

const drawn = new WeakMap();

// The libraries that draw are loaded beside the modules, and have run by then.
const ready = globalThis.vegaEmbed
  ? Promise.resolve()
  : new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));

/** Return the libraries that draw, once they are loaded. */
export async function libraries() {
  await ready;
  return globalThis;
}

/** Draw a chart in the place of the one before, if it is wanted still; return its Vega view. */
export async function draw(place, spec, isWanted) {
  // Beside the page, so that the chart before stays until this one is whole.
  const made = document.createElement("div");
  const { vegaEmbed } = await libraries();
  const result = await vegaEmbed(made, spec, OPTIONS);
  if (!isWanted()) {
    result.finalize();
    return null;
  }
  drawn.get(place)?.finalize();
  drawn.set(place, result);
  place.replaceChildren(made);
  return result.view;
}

/** Remove a chart. */
export function clear(place) {
  drawn.get(place)?.finalize();
  drawn.delete(place);
  place.replaceChildren();
}

// Draws Vega-Lite specifications in the page, and as pictures to save.
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

/** Return a chart as the text of an SVG file; `colours` are those that it is drawn in. */
export async function svgOf(spec, colours) {
  const made = document.createElement("div");
  const { vegaEmbed } = await libraries();
  const result = await vegaEmbed(made, spec, OPTIONS);
  const text = await result.view.toSVG();
  result.finalize();
  return text.replace(/<svg[^>]*>/, (start) => `${start}${patterns(colours)}`);
}

/** Return a chart as a PNG file, twice as large as its SVG for sharp letters. */
export async function pngOf(spec, colours) {
  const svg = new Blob([await svgOf(spec, colours)], { type: "image/svg+xml" });
  const address = URL.createObjectURL(svg);
  try {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = picture.naturalWidth * 2;
    canvas.height = picture.naturalHeight * 2;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** The page has these patterns, and their colours from its styles; a file brings its own. */
function patterns(colours) {
  const fills = {
    "hatch-ground": colours["hatch-ground"],
    "hatch-line": colours.hatch,
    "absent-ground": colours.card,
  };
  const own = document.getElementById("patterns").cloneNode(true);
  for (const [name, fill] of Object.entries(fills)) {
    for (const shape of own.querySelectorAll(`.${name}`)) shape.setAttribute("fill", fill);
  }
  return own.outerHTML;
}

// The libraries that draw, which are loaded beside the modules and have run by then.

const ready = globalThis.topojson
  ? Promise.resolve()
  : new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));

/** Return {d3, topojson} once they are loaded. */
export async function libraries() {
  await ready;
  return globalThis;
}

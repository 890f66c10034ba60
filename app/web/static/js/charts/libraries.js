// The libraries that draw, run when they are first needed: what is asked of the server goes first.

let loaded = null;

/** Return {d3, topojson} once they are there. */
export async function libraries() {
  loaded ??= Promise.all(["d3", "topojson-client"].map(load));
  await loaded;
  return globalThis;
}

function load(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${document.body.dataset.assets}/vendor/${name}.min.js`;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error(`${name} could not be loaded`)));
    document.head.append(script);
  });
}

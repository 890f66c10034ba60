// The library that draws, run when it is first needed: what is asked of the server goes first.

let loading = null;

/** Return d3, once it is there. */
export async function loadD3() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${document.body.dataset.assets}/vendor/d3.min.js`;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("d3 could not be loaded")));
    document.head.append(script);
  });
  await loading;
  return globalThis.d3;
}

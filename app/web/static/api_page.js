// The page of the API: Swagger UI within what every page has around it.

import { start } from "./js/frame.js";

const dark = matchMedia("(prefers-color-scheme: dark)");

/** Have Swagger UI follow the theme: it goes by a class. */
function recolour() {
  const theme = document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
  document.documentElement.classList.toggle("dark-mode", theme === "dark");
}

// What Swagger UI leaves to be wished for who does not see it, or uses no mouse.
const MENDS = [
  // A link within a button, which opens the same; the address names it then, too.
  ["button a[href]", (link) => link.removeAttribute("href")],
  [".information-container", (part) => label(part, "About")],
  [".scheme-container", (part) => label(part, "Servers")],
  ["#servers", (select) => select.setAttribute("aria-label", "Server")],
  ["h3.opblock-tag, section.models > h4", (heading) => heading.setAttribute("aria-level", "2")],
  [".opblock h4", (heading) => heading.setAttribute("aria-level", "3")],
];

function label(part, name) {
  part.setAttribute("role", "region");
  part.setAttribute("aria-label", name);
}

/** Mend what is there now. */
function mend() {
  for (const [selector, change] of MENDS) {
    for (const node of document.querySelectorAll(`#api ${selector}`)) change(node);
  }
}

start(recolour);
recolour();
new MutationObserver(mend).observe(document.getElementById("api"), { childList: true, subtree: true });
// No validator: it would call a public server.
window.SwaggerUIBundle({
  url: new URL(`${document.body.dataset.root}/openapi/openapi.json`, document.baseURI).href,
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null,
  tryItOutEnabled: true,
});

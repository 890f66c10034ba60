// What every page has around it: theme, language, what the server serves.

import { read } from "./api.js";
import { noteTrouble } from "./connection.js";
import { count, t } from "./texts.js";

let told = null;

const THEMES = ["auto", "light", "dark"];

/** Make the frame work. `retheme` is called when the colours change. */
export function start(retheme = () => {}) {
  const button = document.getElementById("theme");
  const text = button.querySelector(".theme-text");
  const tell = () => (text.textContent = button.dataset[localStorage.getItem("theme") ?? "auto"]);
  button.addEventListener("click", () => {
    const now = THEMES.indexOf(localStorage.getItem("theme") ?? "auto");
    const next = THEMES[(now + 1) % THEMES.length];
    if (next === "auto") {
      localStorage.removeItem("theme");
      delete document.documentElement.dataset.theme;
    } else {
      localStorage.setItem("theme", next);
      document.documentElement.dataset.theme = next;
    }
    tell();
    retheme();
  });
  tell();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", retheme);
  for (const link of document.querySelectorAll("[data-language]")) {
    link.addEventListener("click", () => {
      const here = new URL(window.location); // with what was chosen since the page was loaded
      here.searchParams.set("lang", link.dataset.language);
      link.href = here;
    });
  }
  tellDataset();
}

/** Return what the server tells of its dataset, asked for once. */
export function dataset() {
  told ??= read("/api/dataset");
  return told;
}

async function tellDataset() {
  const place = document.getElementById("dataset");
  try {
    const about = await dataset();
    const { from, to } = about.years ?? {};
    place.textContent = t("footer.dataset", {
      rows: count("footer.rows", about.rows),
      years: from === to ? from : `${from}–${to}`,
      questions: count("footer.questions", about.questions),
      source: t(`footer.sources.${about.source.kind}`),
    });
  } catch (error) {
    noteTrouble(error);
    place.textContent = "";
  }
}

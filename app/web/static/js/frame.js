// What every page has around it: theme, language, what the server serves.

import { read } from "./api.js";
import { noteTrouble } from "./connection.js";
import { count, number, t } from "./texts.js";

const THEMES = ["auto", "light", "dark"];

/** Make the frame work. `retheme` is called when the colours change. */
export function start(retheme = () => {}) {
  const button = document.getElementById("theme");
  const told = () => (button.textContent = button.dataset[localStorage.getItem("theme") ?? "auto"]);
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
    told();
    retheme();
  });
  told();
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

async function tellDataset() {
  const place = document.getElementById("dataset");
  try {
    const told = await read("/api/dataset");
    const { from, to } = told.years ?? {};
    place.textContent = t("footer.dataset", {
      rows: count("footer.rows", told.rows),
      years: from === to ? from : `${from}–${to}`,
      questions: number(told.questions, 0),
      source: t(`footer.sources.${told.source.kind}`),
    });
  } catch (error) {
    noteTrouble(error);
    place.textContent = "";
  }
}

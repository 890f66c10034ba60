// What every page has around it: theme, language, what the server serves.

import { ofDataset, read } from "./api.js";
import { noteTrouble } from "./connection.js";
import { count, t } from "./texts.js";
import { fetchLinks } from "./token_links.js";

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
  if (sessionStorage.getItem("token")) {
    fetchLinks();
    for (const node of document.querySelectorAll("[data-jobs]")) node.hidden = false;
  }
  tellDataset();
}

/** Return what the server tells of the dataset that the page is of, asked for once. */
export function dataset() {
  told ??= read(ofDataset("/api/dataset"));
  return told;
}

/** Return where a dataset is from, in a sentence. */
function sourceText({ kind, updated }) {
  if (kind === "release" && updated) return t("footer.release_of", { date: updated.slice(0, 10) });
  return t(`footer.sources.${kind}`);
}

async function tellDataset() {
  const place = document.getElementById("dataset");
  try {
    const about = await dataset();
    const { from, to } = about.years ?? {};
    place.textContent = t("footer.dataset", {
      name: about.name,
      rows: count("footer.rows", about.rows),
      years: from === to ? from : `${from}–${to}`,
      questions: count("footer.questions", about.questions),
      source: sourceText(about.source),
    });
  } catch (error) {
    noteTrouble(error);
    place.textContent = "";
  }
}

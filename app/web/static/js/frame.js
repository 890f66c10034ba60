// What every page has around it: theme, language, what the server serves.

import { datasetName, ofDataset, read } from "./api.js";
import { noteTrouble } from "./connection.js";
import { missing, nearest } from "./likeness.js";
import { folded } from "./names.js";
import { count, t } from "./texts.js";
import { fetchLinks } from "./token_links.js";

let told = null;

const THEMES = ["auto", "light", "dark"];

/**
 * Make the frame work. `retheme` is called when the colours change. Unless it `tells` of the dataset that
 * the page is of, the page does so itself.
 */
export function start(retheme = () => {}, { tells = true } = {}) {
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
  keepDataset(datasetName());
  if (tells) tellPageDataset();
}

/** Have the links to other pages lead to those of a dataset, or of none in particular. */
export function keepDataset(name) {
  for (const link of document.querySelectorAll(".brand, .top nav a")) {
    const [page] = link.getAttribute("href").split("?");
    link.href = name ? `${page}?${new URLSearchParams({ dataset: name })}` : page;
  }
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

/** Tell of a dataset, as the API describes it, or of none. */
export function tellDataset(about) {
  const { from, to } = about?.years ?? {};
  document.getElementById("dataset").textContent = about
    ? t("footer.dataset", {
        name: about.name,
        rows: count("footer.rows", about.rows),
        years: from === to ? from : `${from}–${to}`,
        questions: count("footer.questions", about.questions),
        source: sourceText(about.source),
      })
    : "";
}

/** Return what to say where an error is that the server does not have the dataset of the address; else null. */
export async function strangeDataset(error) {
  const name = datasetName();
  if (!name || error.kind !== "refused") return null;
  const names = (await read("/api/datasets")).map((one) => one.name);
  if (names.some((one) => folded(one) === folded(name))) return null;
  return missing("dataset", name, nearest(name, names.map((one) => [one, one])));
}

async function tellPageDataset() {
  try {
    tellDataset(await dataset());
  } catch (error) {
    noteTrouble(error);
    tellDataset(null);
    const strange = await strangeDataset(error);
    if (strange) document.getElementById("dataset").replaceChildren(...strange);
  }
}

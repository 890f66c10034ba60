// The one place to take something away: a link, a citation, an embed, pictures, numbers, the call.

import { addressOf, answerPath, curl } from "../api.js";
import { copy, element } from "../dom.js";
import { dayText, t } from "../texts.js";
import { Card } from "./card.js";

export class TakeAway extends Card {
  /** `link(more)` returns the permanent link of what is shown, with some choices more. */
  constructor(link) {
    super("take");
    this.link = link;
    for (const button of this.card.querySelectorAll("button[data-do]"))
      button.addEventListener("click", () => this.#copy(button.dataset.do, button));
  }

  /**
   * Offer what is shown under a title. `takes` has the answers behind it by name, {statistic, body, chart},
   * `chart` being the kind of picture that the server draws of it, empty for the usual one, null for none;
   * the first is told as a command. `source` names who measured, `updated` when they published it. `more`
   * is what the link has beside what is chosen; a citation's has the `year` of the figures, too, so that it
   * leads to these once there is a later one.
   */
  show(title, takes, source, more, year) {
    this.shown = { title, takes, source, more, year };
    this.settle();
    this.parts.files.replaceChildren(
      ...Object.entries(takes).map(([name, take]) => filesOf(name, take)),
    );
    const [first] = Object.values(takes);
    this.parts.command.textContent = curl(answerPath(first.statistic, first.body));
    this.parts.cite.textContent = this.#citation();
  }

  #link() {
    return this.link(this.shown.more);
  }

  #cited() {
    const { more, year } = this.shown;
    return this.link({ ...more, ...(year && { year }) });
  }

  /** Offer nothing while it is not what is asked for. */
  busy() {
    super.busy();
    this.parts.files.replaceChildren();
  }

  #citation() {
    const { title, source } = this.shown;
    // Where a file is from may be unknown.
    const name = source.name ? `${source.name[0].toUpperCase()}${source.name.slice(1)}. ` : "";
    return t("take.citation", {
      source: name,
      title,
      link: this.#cited(),
      date: dayText(new Date()),
    });
  }

  #bibtex() {
    const { title, source } = this.shown;
    const year = source.updated?.slice(0, 4) ?? String(new Date().getFullYear());
    const fields = {
      title: `{${inLatex(title)}}`,
      ...(source.name && { author: `{${inLatex(source.name)}}` }),
      year,
      note: t("take.accessed", { date: dayText(new Date()) }),
      url: this.#cited(),
    };
    const lines = Object.entries(fields).map(([name, value]) => `  ${name} = {${value}}`);
    // One for each figure of a report.
    const plain = `${year} ${title}`.normalize("NFD").replace(/\p{M}/gu, "");
    const key = plain.toLowerCase().match(/[a-z0-9]+/g).join("-");
    return `@misc{lestatssportif-${key},\n${lines.join(",\n")}\n}`;
  }

  #embed() {
    const address = new URL(this.#link());
    address.pathname = address.pathname.replace(/\/?$/, "/embed");
    const title = this.shown.title.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    return `<iframe src="${address.href.replaceAll("&", "&amp;")}" title="${title}" width="100%" height="720" style="border: 0" loading="lazy"></iframe>`;
  }

  #copy(what, button) {
    const texts = {
      link: () => this.#link(),
      cite: () => this.#citation(),
      bibtex: () => this.#bibtex(),
      embed: () => this.#embed(),
      command: () => this.parts.command.textContent,
    };
    return copy(texts[what](), button, t("take.copied"));
  }
}

/** Return a text as LaTeX reads it: some signs are commands there. */
function inLatex(text) {
  return text.replace(/[$%&#_{}]/g, "\\$&");
}

function filesOf(name, { statistic, body, chart }) {
  const link = (format, path) =>
    element(
      "a",
      {
        class: "button quiet",
        href: addressOf(path),
        "data-do": `${name}-${format}`,
        download: format !== "json",
        "aria-label": `${t(`take.of.${name}`)}: ${format.toUpperCase()}`,
      },
      format.toUpperCase(),
    );
  const picture = (format) => answerPath(statistic, { ...body, ...(chart && { chart }) }, format);
  return element(
    "li",
    {},
    element("span", { class: "take-name" }, t(`take.of.${name}`)),
    element(
      "span",
      { class: "take-files" },
      link("csv", answerPath(statistic, body, "csv")),
      link("json", answerPath(statistic, body)),
      ...(chart !== null ? [link("png", picture("png")), link("svg", picture("svg"))] : []),
    ),
  );
}

// The texts of the page in its language, and numbers, days and lists as that language writes them.
//
// Intl writes these, too, but the first number, date or list of it takes a browser thirty milliseconds.

const texts = JSON.parse(document.getElementById("texts").textContent);

export const language = document.documentElement.lang;

// Texts that go before the others, of what is asked now; and what stands for {unit} in them.
let first = [];
let unit = "%";

/** Have texts name those whom a layout asks, and the unit of a question as the API lists it. */
export function speakOf(layout, question = {}) {
  const share = (question.unit ?? "percent") === "percent";
  const type = question.value_type;
  const [plain, layouts] = [texts.names.plain, texts.names.layouts];
  first = [share ? {} : plain, layouts[layout] ?? {}];
  unit = share ? "%" : question.unit;
  if (type) unit = unit === "number" ? type : `${unit} (${type})`;
}

const THOUSANDS = /\B(?=(\d{3})+$)/g;

const plural = new Intl.PluralRules(language);

/** Return the text of a key such as "map.title_level", its {names} replaced by values. */
export function t(key, values = {}) {
  const text = lookUp(key);
  if (typeof text !== "string") throw new Error(`no text for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? (name === "unit" ? unit : ""));
}

/** Return a text of the server as the page has it: what is a command, in quotes. */
export function plain(text) {
  return text.replace(/`([^`]*)`/g, (_, command) => t("tell.quoted", { text: command }));
}

/** Return the text that fits a number of things; the number is {n} in it. */
export function count(key, n, values = {}) {
  const forms = lookUp(key);
  return t(`${key}.${plural.select(n) in forms ? plural.select(n) : "other"}`, {
    ...values,
    n: number(n, 0),
  });
}

/** Return what the page calls something of the dataset, such as a stratum; else its own name. */
export function called(kind, name) {
  const own = first.map((tree) => tree.names?.[kind]?.[name]).find(Boolean);
  return own ?? lookUp(`names.${kind}`)?.[name] ?? name;
}

/**
 * Return a number as the language writes it, rounded half away from zero; with `sign`, one above zero has
 * a plus.
 */
export function number(value, decimals = 1, sign = false) {
  // What is rounded is the decimal text: 23.65 is a little less in binary. One such as 1e-7 is nothing.
  const text = String(Math.abs(value));
  const rounded = text.includes("e-") ? 0 : Math.round(Number(`${text}e${decimals}`));
  const digits = String(rounded).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(THOUSANDS, t("written.group"));
  const part = decimals ? t("written.point") + digits.slice(-decimals) : "";
  const before = rounded === 0 ? "" : value < 0 ? "−" : sign ? "+" : "";
  return before + whole + part;
}

/** Return the values along an axis as texts, each with as many decimals as any of them has. */
export function ticksText(values) {
  const decimals = Math.max(...values.map((value) => (String(value).split(".")[1] ?? "").length));
  return values.map((value) => number(value, decimals));
}

/** Return a p-value. */
export function pValue(value) {
  return value < 0.001 ? `<${number(0.001, 3)}` : number(value, 3);
}

/** Return a day as "November 29, 2026". */
export function dayText(date) {
  const month = t("written.months").split(" ")[date.getMonth()];
  return t("written.date", { day: date.getDate(), month, year: date.getFullYear() });
}

/** Return names as "Guam, Iowa and Ohio". */
export function listed(names) {
  const [last] = names.slice(-1);
  return names.length < 2
    ? names.join("")
    : names.slice(0, -1).join(", ") + t("written.and") + last;
}

function lookUp(key) {
  const names = key.split(".");
  for (const tree of first) {
    const found = names.reduce((part, name) => part?.[name], tree);
    if (typeof found === "string") return found;
  }
  return names.reduce((part, name) => part?.[name], texts);
}

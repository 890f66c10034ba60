// The texts of the page in its language, and numbers as that language writes them.

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

const plural = new Intl.PluralRules(language);
const formats = new Map();

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

export function number(value, decimals = 1, sign = false) {
  const key = `${decimals}${sign}`;
  if (!formats.has(key)) {
    const options = {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
      signDisplay: sign ? "exceptZero" : "auto",
    };
    formats.set(key, new Intl.NumberFormat(language, options));
  }
  return formats.get(key).format(value).replace("-", "−");
}

function lookUp(key) {
  const names = key.split(".");
  for (const tree of first) {
    const found = names.reduce((part, name) => part?.[name], tree);
    if (typeof found === "string") return found;
  }
  return names.reduce((part, name) => part?.[name], texts);
}

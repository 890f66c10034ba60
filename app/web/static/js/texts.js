// The texts of the page in its language, and numbers as that language writes them.

const texts = JSON.parse(document.getElementById("texts").textContent);

export const language = document.documentElement.lang;

const plural = new Intl.PluralRules(language);
const formats = new Map();

/** Return the text of a key such as "views.map.title", its {names} replaced by values. */
export function t(key, values = {}) {
  const text = lookUp(key);
  if (typeof text !== "string") throw new Error(`no text for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
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
  return lookUp(`names.${kind}`)?.[name] ?? name;
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
  return key.split(".").reduce((part, name) => part?.[name], texts);
}

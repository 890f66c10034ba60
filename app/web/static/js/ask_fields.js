// Fields for what a statistic is asked, made from the JSON schema of its parameters.

import { element } from "./dom.js";
import { folded } from "./names.js";
import { nameOf, namesOf, shortName } from "./questions.js";
import { alternatives } from "./schemas.js";
import { called } from "./texts.js";
import { placeText } from "./wording.js";

// CDC has called this category either way, and the API finds it by both.
const ALSO = { Gender: "Sex", Sex: "Gender" };

/**
 * Return fields for the properties of a schema: {nodes, read}. `read()` returns the object that is
 * filled in. `given` has the values to begin with, `lists` the options of each kind of name. Where it
 * `keeps` what is given, a value that is no option becomes one.
 */
export function fieldsOf(schema, given, lists, { root = schema, path = "", keeps = true } = {}) {
  const { properties = {}, required = [] } = alternatives(schema, root)[0];
  const fields = Object.entries(properties).map(([name, of]) => {
    const at = { root, path: `${path}-${name}`, label: labelOf(name), keeps };
    return [name, fieldOf(of, given?.[name], lists, required.includes(name), at)];
  });
  return {
    nodes: fields.map(([, { node }]) => node),
    read: () => {
      const values = fields.map(([name, { read }]) => [name, read()]);
      const filled = values.filter(([, value]) => value !== undefined);
      return filled.length || !path ? Object.fromEntries(filled) : undefined;
    },
  };
}

/** Return the options of each kind of name that a schema may ask for: [value, text, ...names]. */
export function listsOf({ datasets, questions, states, categories }) {
  const same = (kind, names) => [...new Set(names)].map((name) => [name, called(kind, name), name]);
  const strata = categories.flatMap((category) => category.strata.map((one) => one.name));
  return {
    dataset: datasets.map(({ name }) => [name, name, name]),
    question: questions.map((one) => [
      nameOf(one, questions),
      shortName(one, questions),
      ...namesOf(one, questions),
    ]),
    topic: same("topics", questions.map((one) => one.topic).filter(Boolean)),
    state: states.map(({ name, abbreviation }) => [name, placeText(name), name, abbreviation]),
    category: categories.map(({ name }) => [
      name,
      called("categories", name),
      ...[name, ALSO[name]].filter(Boolean),
    ]),
    stratum: same("strata", strata),
  };
}

function fieldOf(schema, given, lists, required, at) {
  const kinds = alternatives(schema, at.root).filter((kind) => kind.type !== "null");
  const list = kinds.find((kind) => kind.type === "array");
  const words = kinds[0].enum ?? list?.items.enum ?? (kinds[0].type === "boolean" && [true, false]);
  const told = (word) => called("parameters", String(word));
  const options = lists[kinds[0]["x-names"]] ?? (words && words.map((word) => [word, told(word)]));
  const about = options && required ? null : kinds[0].description; // the options say it
  const isGiven = given !== undefined && given !== null;
  const chosen = isGiven ? (list ? [given].flat() : [given]) : [];
  if (options && list?.minItems && list.minItems === list.maxItems) {
    const selects = Array.from({ length: list.minItems }, (_, place) =>
      select(options, chosen.slice(place, place + 1), {
        ...at,
        id: `${at.path}-${place}`,
        required,
      }),
    );
    selects.forEach(({ node }, place) => (node.ariaLabel = `${at.label} ${place + 1}`));
    const nodes = selects.map(({ node }) => node);
    return { node: group(at.label, about, nodes), read: () => some(selects.flatMap(valuesOf)) };
  }
  if (options) {
    const one = select(options, chosen, { ...at, id: at.path, required, multiple: Boolean(list) });
    const single = !list || kinds.some((kind) => kind.type === "string");
    const read = () => {
      const values = valuesOf(one);
      return single && values.length < 2 ? values[0] : some(values);
    };
    return { node: labelled(at, about, one.node), read };
  }
  if (kinds.length === 1 && kinds[0].properties) {
    const inner = fieldsOf(kinds[0], given, lists, at);
    return { node: group(at.label, about, inner.nodes), read: inner.read };
  }
  return written(kinds, given, required, at, about);
}

/** Return a field to write into: a number, a text, or whatever else as JSON. */
function written(kinds, given, required, at, about) {
  const isGiven = given !== undefined && given !== null;
  const isNumber =
    kinds.length === 1 &&
    ["integer", "number"].includes(kinds[0].type) &&
    (!isGiven || typeof given === "number"); // its field would not show anything else
  const isText = kinds.some((kind) => kind.type === "string");
  const isYears = kinds.some((kind) => kind.properties?.from && kind.properties?.to);
  const isWritten = isGiven && !isText;
  const value = isWritten ? (isYears && yearsText(given)) || JSON.stringify(given) : given;
  const input = element("input", {
    id: at.path,
    type: isNumber ? "number" : "text",
    step: isNumber && kinds[0].type === "number" ? "any" : null,
    min: kinds[0].minimum,
    max: kinds[0].maximum,
    placeholder: isYears ? "2011..2019" : null,
    autocomplete: "off",
    required,
    value,
  });
  const read = () => {
    const text = input.value.trim();
    if (!text) return undefined;
    return isText ? text : ((isYears ? yearsOf(text) : null) ?? parsed(text));
  };
  return { node: labelled(at, about, input), read };
}

/** Return `2011..2019`, or `2012, 2014`, as the years that it is; null for what is neither. */
function yearsOf(text) {
  const range = /^(\d{4})?\.\.(\d{4})?$/.exec(text);
  if (range && text !== "..") {
    const ends = [
      ["from", range[1]],
      ["to", range[2]],
    ].filter(([, year]) => year);
    return Object.fromEntries(ends.map(([end, year]) => [end, Number(year)]));
  }
  const isList = /^\d{4}(\s*,\s*\d{4})+$/.test(text);
  return isList ? text.split(",").map(Number) : null;
}

/** Return what `yearsOf` reads as these years. */
function yearsText(years) {
  if (Array.isArray(years)) return years.length > 1 ? years.join(", ") : null;
  return years.from || years.to ? `${years.from ?? ""}..${years.to ?? ""}` : null;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text; // the server says what is wrong with it
  }
}

function select(known, chosen, { id, required, keeps, multiple = false }) {
  const others = keeps ? chosen.filter((one) => !optionOf(one, known)) : [];
  const options = [...others.map((one) => [one, textOf(one)]), ...known];
  const selected = chosen.map((one) => optionOf(one, options));
  const nodes = options.map((option, place) =>
    element("option", { value: place, selected: selected.includes(option) }, option[1]),
  );
  if (!multiple && !required) nodes.unshift(element("option", { value: "" }, "–"));
  const node = element("select", { id, required, multiple, size: multiple ? 4 : null }, ...nodes);
  return { node, options };
}

/** Return the option that a value means, as the API understands names. */
function optionOf(given, options) {
  const same = options.find(([value]) => value === given);
  if (same || typeof given !== "string") return same;
  return options.find(([, , ...names]) => names.some((name) => folded(name) === folded(given)));
}

function textOf(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function valuesOf({ node, options }) {
  const chosen = [...node.selectedOptions].filter((option) => option.value);
  return chosen.map((option) => options[Number(option.value)][0]);
}

function some(values) {
  return values.length ? values : undefined;
}

function labelled({ path, label }, about, input) {
  const hint = hintOf(about, `${path}-hint`);
  if (hint) input.setAttribute("aria-describedby", hint.id);
  return element("div", {}, element("label", { for: path }, label), input, hint);
}

function group(label, about, nodes) {
  return element("fieldset", {}, element("legend", {}, label), hintOf(about), ...nodes);
}

function hintOf(about, id) {
  return about ? element("p", { class: "hint", id }, about) : null;
}

function labelOf(name) {
  const words = name.replaceAll("_", " ");
  const label = called("parameters", name);
  return label === name ? words[0].toUpperCase() + words.slice(1) : label;
}

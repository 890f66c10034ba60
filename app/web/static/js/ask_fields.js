// Fields for what a statistic is asked, made from the JSON schema of its parameters.

import { nameOf, shortName } from "./questions.js";
import { element } from "./dom.js";
import { alternatives } from "./schemas.js";
import { called } from "./texts.js";
import { placeText } from "./wording.js";

/**
 * Return fields for the properties of a schema: {nodes, read}. `read()` returns the object that is
 * filled in. `given` has the values to begin with, `lists` the options of each kind of name.
 */
export function fieldsOf(schema, given, lists, { root = schema, path = "" } = {}) {
  const { properties = {}, required = [] } = alternatives(schema, root)[0];
  const fields = Object.entries(properties).map(([name, of]) => {
    const at = { root, path: `${path}-${name}`, label: labelOf(name) };
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

/** Return the options of each kind of name that a schema may ask for: [value, text] pairs. */
export function listsOf({ datasets, questions, states, categories }) {
  const same = (kind, names) => [...new Set(names)].map((name) => [name, called(kind, name)]);
  const strata = categories.flatMap((category) => category.strata.map((one) => one.name));
  return {
    dataset: datasets.map(({ name }) => [name, name]),
    question: questions.map((one) => [nameOf(one, questions), shortName(one, questions)]),
    topic: same("topics", questions.map((one) => one.topic).filter(Boolean)),
    state: states.map(({ name }) => [name, placeText(name)]),
    category: same(
      "categories",
      categories.map((one) => one.name),
    ),
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
  if (options && list?.minItems && list.minItems === list.maxItems) {
    const selects = Array.from({ length: list.minItems }, (_, place) =>
      select(options, [given?.[place]], { id: `${at.path}-${place}`, required }),
    );
    selects.forEach(({ node }, place) => (node.ariaLabel = `${at.label} ${place + 1}`));
    const nodes = selects.map(({ node }) => node);
    return { node: group(at.label, about, nodes), read: () => some(selects.flatMap(valuesOf)) };
  }
  if (options) {
    const chosen = given === undefined || given === null ? [] : [given].flat();
    const one = select(options, chosen, { id: at.path, required, multiple: Boolean(list) });
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
  const isNumber = kinds.length === 1 && ["integer", "number"].includes(kinds[0].type);
  const isText = kinds.some((kind) => kind.type === "string");
  const isYears = kinds.some((kind) => kind.properties?.from && kind.properties?.to);
  const isWritten = given !== undefined && given !== null && !isText;
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

function select(options, chosen, { id, required, multiple = false }) {
  const nodes = options.map(([value, text], place) =>
    element("option", { value: place, selected: chosen.includes(value) }, text),
  );
  if (!multiple && !required) nodes.unshift(element("option", { value: "" }, "–"));
  const node = element("select", { id, required, multiple, size: multiple ? 4 : null }, ...nodes);
  return { node, options };
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

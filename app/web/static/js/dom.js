// Small help with the document.

/** Return a new element; `of` has its attributes and listeners, children are nodes or texts. */
export function element(name, of = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(of)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") made.addEventListener(key, value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Return a button. */
export function button(text, click) {
  return element("button", { type: "button", class: "button", click }, text);
}

/** Return a list of terms and what they are: [[term, text], ...]; those without a text are left out. */
export function facts(pairs) {
  const told = pairs.filter(([, text]) => text !== null && text !== undefined && text !== "");
  return element(
    "dl",
    { class: "facts" },
    ...told.flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)]),
  );
}

/** Return a table; `columns` are {title, numeric}, `rows` arrays of texts. */
export function table(columns, rows) {
  const kind = (column) => (column.numeric ? "number" : null);
  const head = columns.map((one) => element("th", { scope: "col", class: kind(one) }, one.title));
  const body = rows.map((row) =>
    element(
      "tr",
      {},
      ...row.map((text, place) => element("td", { class: kind(columns[place]) }, text)),
    ),
  );
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
}

/** Give the browser a file to save. */
export function save(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Copy a text, and say so on the button for a moment; where copying is refused, show it. */
export async function copy(text, button, done) {
  const before = (button.dataset.before ??= button.textContent);
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = done;
    setTimeout(() => (button.textContent = before), 2000);
  } catch {
    window.prompt(before, text); // a page on plain HTTP away from loopback has no clipboard
  }
}

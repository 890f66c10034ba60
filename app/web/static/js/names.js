// What the dataset calls its nation, and its category and stratum of everyone; which names are alike.

export const NATION = "National";
export const TOTAL = "Total";

/** Return a name without stray spaces and letter case, as the API compares names. */
export function folded(name) {
  return name.normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase();
}

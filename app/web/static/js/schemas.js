// JSON schemas, as the server describes what a statistic is asked.

/**
 * Return the plain schemas that a value may be of; `root` has those that are referred to. What a
 * schema says of all its alternatives goes before what each of them says.
 */
export function alternatives({ $ref, anyOf, ...outside }, root) {
  const inside = $ref ? [root.$defs[$ref.split("/").at(-1)]] : anyOf;
  if (!inside) return [outside];
  return inside.flatMap((one) => alternatives(one, root)).map((one) => ({ ...one, ...outside }));
}

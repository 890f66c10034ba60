// What the dataset calls its nation, and its category and stratum of everyone.

export const NATION = "National";
export const TOTAL = "Total";

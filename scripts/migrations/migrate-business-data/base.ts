/** What the runs of batch 10 have in common. */
import { NAME } from "./name.ts";
import { LABELS, numbersOfLook } from "./numbers.ts";

const { tables, tablesVerified, differences, ...ofRows } = LABELS;

/** A run that moves rows. Each run has all numbers in its document, and shows those that it is about. */
export const BASE = { number: 10, name: NAME, requires: [1], skips: [], labels: { tables, ...ofRows } } as const;

/** A run that looks at tables, or makes them, and moves no rows. */
export const BASE_OF_LOOK = { ...BASE, unit: "tables", labels: { tables }, stats: numbersOfLook };

export const LABELS_OF_VERIFY = { tables, tablesVerified, differences };

import type { Comparison } from "./compare.ts";

/** What a check found: what is wrong, and what had better be known. One line each. */
export interface Findings {
  readonly problems: readonly string[];
  readonly information: readonly string[];
}

export interface TableVerdict extends Comparison, Findings {
  readonly table: string;
  /** False where its rows have no key, and are named by all that they hold. */
  readonly keyed: boolean;
  readonly verified: boolean;
}

export interface Verdict extends Findings {
  readonly tables: readonly TableVerdict[];
  readonly stats: {
    readonly tables: number;
    readonly tablesVerified: number;
    readonly differences: number;
    /** Problems that are no rows that differ. */
    readonly errors: number;
  };
  readonly passed: boolean;
}

export const NOT_COMPARED: Comparison = {
  sourceRows: 0,
  targetRows: 0,
  missing: 0,
  extra: 0,
  changed: 0,
  listed: [],
  unsettled: false,
};

export const addUp = (findings: readonly Findings[]): Findings => ({
  problems: findings.flatMap(({ problems }) => problems),
  information: findings.flatMap(({ information }) => information),
});

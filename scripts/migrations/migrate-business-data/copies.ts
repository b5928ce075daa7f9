/** The schema that takes the copies of preserved tables before anything is dropped; a rollback leaves it where it is. */
export const copiesOf = (schema: string, runId: number | null): string => `${schema}_before_run_${runId ?? "N"}`;

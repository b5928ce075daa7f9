import { expect, test } from "@jest/globals";
import { BATCHES } from "../../../../scripts/lib/batches.ts";
import { cutScript, readRollback } from "../../../../scripts/lib/commands/rollback/script.ts";
import { RunFailed } from "../../../../scripts/lib/errors.ts";

const cut = (text: string) => cutScript("/somewhere/rollback.sql", text).body;

test("A script loses its begin and its last commit, and keeps its lines", () => {
  const text =
    "\\set ON_ERROR_STOP on\n-- why\nbegin;\n\ndo $$\nbegin\n  perform 1;\nend $$;\nselect 'commit;';\n\ncommit;\n";
  expect(cut(text)).toBe(
    text.replace("\\set ON_ERROR_STOP on", "").replace("\nbegin;\n", "\n\n").replace("\ncommit;\n", "\n\n"),
  );
});

test.each([
  ["no begin", "delete from a;\ncommit;"],
  ["no commit", "begin;\ndelete from a;"],
  ["a commit that is not the last", "begin;\ndelete from a;\ncommit;\nselect 1;"],
  ["two transactions", "begin;\ndelete from a;\ncommit;\nbegin;\ndelete from b;\ncommit;"],
  ["a commit on a line with something else", "begin;\ndelete from a; commit;"],
  ["a rollback within", "begin;\nrollback;\ncommit;"],
])("A script with %s is refused", (_, text) => {
  expect(() => cut(text)).toThrow(RunFailed);
  expect(() => cut(text)).toThrow(/rollback\.sql is not one transaction from "begin;" to a last "commit;"/);
});

test.each(BATCHES.map((entry) => [entry.name, entry] as const))(
  "The rollback.sql of %s can be rehearsed",
  async (_, entry) => {
    const { path, body } = await readRollback(entry);
    expect(path).toContain(entry.folders.at(-1));
    expect(body).toContain("set local lock_timeout");
  },
);

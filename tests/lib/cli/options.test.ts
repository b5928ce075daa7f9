import { expect, test } from "@jest/globals";
import { parseOptions } from "../../../scripts/lib/cli/options.ts";
import { UserError } from "../../../scripts/lib/errors.ts";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";

async function optionsOf(...argv: string[]) {
  const parsed = await parseOptions(batch, argv, "1.2.3");
  if (parsed.kind !== "run") throw new Error("not a run");
  return parsed.options;
}

test("without options it is a run that writes, says little, and has no limit", async () => {
  const options = await optionsOf();
  expect(options).toMatchObject({ dryRun: false, verbose: false, json: false, restart: false, retryErrors: false });
  expect(options.limit).toBeUndefined();
  expect(options.maxErrors).toBeUndefined();
});

test.each([
  { argv: ["--dry-run"], expected: { dryRun: true } },
  { argv: ["--dry-run=true"], expected: { dryRun: true } },
  { argv: ["--dry-run=false"], expected: { dryRun: false } },
  { argv: ["-v"], expected: { verbose: true } },
  { argv: ["--limit", "5"], expected: { limit: 5 } },
  { argv: ["--limit=5", "--limit=6"], expected: { limit: 6 } },
  { argv: ["--max-errors", "0"], expected: { maxErrors: 0 } },
  { argv: ["--retry-errors", "--json"], expected: { retryErrors: true, json: true } },
  { argv: ["--chunk-size", "100000"], expected: { chunkSize: 100_000 } },
  { argv: ["--actors", "agent,customer,agent"], expected: { actors: ["customer", "agent"] } },
])("$argv", async ({ argv, expected }) => {
  expect(await optionsOf(...argv)).toMatchObject(expected);
});

test.each([
  ["--limit", "1.5"],
  ["--limit", " 5"],
  ["--limit", "99999999999999999999"],
  ["--chunk-size", "100001"],
  ["--chunk-size", "0"],
  ["--json=yes"],
  ["--json="],
  ["--restart=1"],
  ["--lead", "not-a-uuid"],
  ["--actors", "customer,,agent"],
  ["--nope"],
  ["-x"],
  ["stray"],
  ["--", "stray"],
])("%s %s is refused with a UserError of one line", async (...argv) => {
  const refusal = parseOptions(batch, argv, "1.2.3");
  await expect(refusal).rejects.toThrow(UserError);
  await expect(refusal).rejects.toThrow(/^[^\n]+\.$/);
  await expect(refusal).rejects.not.toThrow(/\.\./);
});

test("an option that is unknown is named once, with those that are known", async () => {
  await expect(optionsOf("--dry-rum")).rejects.toThrow(
    /^Unknown argument: dry-rum\. Allowed: --dry-run, .*--version\.$/,
  );
});

test("--help and --version are texts", async () => {
  expect(await parseOptions(batch, ["--version"], "1.2.3")).toEqual({ kind: "text", text: "1.2.3" });
  const help = await parseOptions(batch, ["-h"], "1.2.3");
  expect(help).toMatchObject({ kind: "text", text: expect.stringContaining("--chunk-size") });
});

/** Copies schema `public` of one database into schema `moved` of another, in a process that may be killed: prints the run's document. */
import { Writable } from "node:stream";
import { parseOptions } from "../../../../scripts/lib/cli/options.ts";
import { parseAddress } from "../../../../scripts/lib/db/address.ts";
import { createPrinter } from "../../../../scripts/lib/report/printer.ts";
import { Report } from "../../../../scripts/lib/report/report.ts";
import { runBatch } from "../../../../scripts/lib/run.ts";
import { copyBatch, withSource } from "./copy-batch.ts";

const [from = "", to = "", pageItems = "100", ...argv] = process.argv.slice(2);
const address = parseAddress(to);
await withSource(parseAddress(from), "public", async (source) => {
  const batch = await copyBatch({ source, address, schema: "moved", pageItems: Number(pageItems) });
  const parsed = await parseOptions(batch, argv, "test");
  if (parsed.kind === "text") throw new Error("The command line asks for a text, not for a run.");
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const report = new Report(batch, createPrinter(silent, {}));
  const signal = new AbortController().signal;
  const { document, exitCode } = await runBatch(batch, parsed.options, { address, signal, report });
  process.stdout.write(JSON.stringify(document));
  process.exitCode = exitCode;
});

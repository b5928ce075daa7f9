/** PostgREST at its worst, all at once: it cuts its answers, shuffles them, is busy, and lets others answer for it. */
import { expect, test } from "@jest/globals";
import { makeSalon, SALON_ROWS } from "../../helpers/salon.ts";
import type { Asked, Fault } from "../../helpers/stand-ins/stand-in.ts";
import { LONG_MS, SCHEMA, sum, useMove } from "./bed.ts";

const { source, target, behindPostgrest, run, expectEqual } = useMove();

const HTML = "<html><head><title>520: Web server is returning an unknown error</title></head></html>";
const isRows = ({ path, query }: Asked): boolean => path.startsWith("/rest/v1/") && query.has("order");

/** Hits the request for rows of this number, and no other. */
function onRequest(number: number, fault: Omit<Fault, "when">): Fault {
  let asked = 0;
  return { ...fault, when: (one) => isRows(one) && ++asked === number };
}

const FAULTS = (): Fault[] => [
  onRequest(10, { answer: { status: 429, headers: { "retry-after": "1" }, body: { message: "Too many requests" } } }),
  onRequest(45, { answer: { status: 503, body: { code: "PGRST001", message: "no connection" } } }),
  onRequest(60, { answer: { status: 520, body: HTML } }),
  onRequest(75, { answer: { status: 504, body: "" } }),
  onRequest(90, { cut: "reset" }),
  onRequest(120, { answer: { status: 500, body: { code: "57014", message: "canceling statement" } } }),
];

test(
  "A salon comes whole through a service that cuts, shuffles, refuses and breaks off, and is proven",
  async () => {
    await makeSalon(source);
    await makeSalon(target, SCHEMA, { rows: false });
    const service = await behindPostgrest({ maxRows: 37 });
    service.faults.push(...FAULTS());
    const { exitCode, document, text } = await run();
    expect({ exitCode, ...document.stats }).toMatchObject({
      exitCode: 0,
      rowsInserted: sum(SALON_ROWS),
      tablesVerified: Object.keys(SALON_ROWS).length,
      differences: 0,
    });
    await expectEqual();
    expect(service.faults.map(({ times }) => times)).toEqual(FAULTS().map(() => 0));
    expect(text).toContain("PostgREST asks to wait 1 s");
  },
  LONG_MS,
);

test.each<[string, Fault["answer"] & object]>([
  ["a page that says that it is well and is HTML", { headers: { "content-type": "text/html" }, body: HTML }],
  ["a range past the end where none was asked for", { status: 416, body: { code: "PGRST103", message: "no" } }],
])(
  "%s is neither taken for rows nor for the end of a table: the run fails, and the same command ends it",
  async (_, answer) => {
    await makeSalon(source);
    await makeSalon(target, SCHEMA, { rows: false });
    const service = await behindPostgrest({ maxRows: 400 });
    // Behind the first page.
    const when = (one: Asked) => one.path.endsWith("/clients") && (one.query.get("and") ?? "").includes("gt.");
    service.faults.push({ when, answer });
    const tables = ["--tables", "companies,clients,services"];
    const failed = await run("copy", ...tables);
    expect(failed).toMatchObject({ exitCode: 1, document: { status: "failed" } });
    const { exitCode, document } = await run("copy", ...tables);
    const rows = SALON_ROWS.companies + SALON_ROWS.clients + SALON_ROWS.services;
    expect({ exitCode, resumed: document.resumedFrom !== undefined }).toEqual({ exitCode: 0, resumed: true });
    expect((failed.document.stats.rowsInserted ?? 0) + (document.stats.rowsInserted ?? 0)).toBe(rows);
    expect((await run("verify", ...tables)).exitCode).toBe(0);
  },
  LONG_MS,
);

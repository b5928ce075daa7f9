import { expect, test } from "@jest/globals";
import { cleanPart, type Rows, toRows } from "../../../scripts/lib/sinks/rows.ts";
import { turnsIn } from "../../helpers/turns.ts";
import { message, page, RULES, thread } from "./bed.ts";

const NOBODY = { customers: new Map(), nicks: new Map(), idOf: new Map() };

test.each([
  { threads: 1, messages: 10_000 },
  { threads: 500, messages: 20 },
])("The rows of $threads threads with $messages messages each are made in short stretches", async (sizes) => {
  const { parts } = page(
    ...Array.from({ length: sizes.threads }, (_, t) =>
      thread({ id: `${t}`, messages: Array.from({ length: sizes.messages }, (_, n) => message(`${t}-${n}`)) }),
    ),
  );
  let rows: Rows | undefined;
  const turns = await turnsIn(async () => {
    rows = await toRows(parts.map(cleanPart), NOBODY, { rules: RULES, runId: 1 }, () => false);
  });
  expect(turns).toBeGreaterThan(3);
  expect(JSON.parse(rows?.messages ?? "")).toHaveLength(10_000);
});

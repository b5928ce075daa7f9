/** However many rows move, the process holds no more than what is on its way. */
import { expect, test } from "@jest/globals";
import { measureProcess } from "../../../scripts/lib/bench/measure.ts";
import { runIn } from "../../helpers/salon.ts";
import { NAME, SCHEMA, useMove } from "./bed.ts";

const { source, target } = useMove();

const FEW = 20_000;
const MANY = 400_000;
/** What V8 may keep before it must tidy up: far less than all of these rows take. */
const HEAP = "--max-old-space-size=96";

const DDL = "create table events (id bigint primary key, at timestamptz, body jsonb, tags text[])";

/** Fills the source up to so many rows. */
const fill = (rows: number) =>
  source.query(
    `insert into events
     select i, timestamptz '2025-01-01' + i * interval '1 second', jsonb_build_object('n', i, 'text', repeat(md5(i::text), 6)),
            array['a,b', md5(i::text), null]
       from generate_series((select count(*) from events) + 1, $1) i`,
    [rows],
  );

/** The most memory, in MB, that the process of a step has had. */
async function peak(step: string): Promise<number> {
  const argv = [step, "--target-schema", SCHEMA];
  const { peakBytes } = await measureProcess(`scripts/migrations/${NAME}.ts`, argv, target.url, [HEAP]);
  return peakBytes / 1024 ** 2;
}

test("Twenty times the rows take no more memory, neither to copy nor to verify nor to sync", async () => {
  await runIn(source, "public", DDL);
  await runIn(target, SCHEMA, DDL);
  await fill(FEW);
  const few = await peak("copy");
  await fill(MANY);
  const many = [await peak("copy"), await peak("verify"), await peak("sync")];
  expect(few).toBeGreaterThan(30);
  for (const megabytes of many) expect(megabytes).toBeLessThan(few + 60);
  expect((await target.query(`select count(*)::int from ${SCHEMA}.events`)).rows).toEqual([{ count: MANY }]);
}, 300_000);

import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";

/** Comes past two points, one of them twice, in a process of its own; how that ended, and what it said last. */
function pass(fault: string | undefined): [signal: string | null, said: string] {
  const code = `
    import { faultAt } from "./scripts/lib/engine/fault.ts";
    for (const point of ["split", "page-saved", "page-saved"]) {
      faultAt(point);
      console.log(point);
    }`;
  const { CRM_MIGRATIONS_FAULT: _, ...env } = process.env;
  const argv = ["--import", "tsx", "--input-type=module", "--eval", code];
  const { signal, stdout, stderr } = spawnSync("node", argv, {
    encoding: "utf8",
    env: fault === undefined ? env : { ...env, CRM_MIGRATIONS_FAULT: fault },
  });
  return [signal, stdout.trim().replaceAll("\n", " ") || stderr];
}

test.each([
  { fault: undefined, what: "no fault is asked for" },
  { fault: "", what: "the variable is empty" },
  { fault: "record", what: "the point is another one" },
  { fault: "page-saved:3", what: "the point is not passed as often" },
])("nothing happens where $what", ({ fault }) => {
  expect(pass(fault)).toEqual([null, "split page-saved page-saved"]);
});

test.each([
  { fault: "page-saved", said: "split" },
  { fault: "page-saved:1:kill", said: "split" },
  { fault: "page-saved:2", said: "split page-saved" },
])("$fault kills the process at that point, that time", ({ fault, said }) => {
  expect(pass(fault)).toEqual(["SIGKILL", said]);
});

test("a point that does not exist is refused, with those that do", () => {
  expect(pass("pagesaved")[1]).toMatch(/CRM_MIGRATIONS_FAULT names no fault point: pagesaved\. .*page-saved/);
});

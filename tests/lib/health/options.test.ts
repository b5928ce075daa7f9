import { expect, test } from "@jest/globals";
import yargs from "yargs";
import { HEALTH_OPTIONS, type HealthOptions, limitsOf } from "../../../scripts/lib/health/options.ts";

const limitsFor = (...argv: string[]) =>
  limitsOf(
    yargs().options(HEALTH_OPTIONS).parserConfiguration({ "boolean-negation": false }).parseSync(argv) as HealthOptions,
  );

test("without options the limits are the documented ones", () => {
  const defaults = {
    maxLagMs: 10_000,
    maxSlotWalBytes: 10 * 1024 ** 3,
    maxTransactionAgeMs: 3_600_000,
    maxWaiting: 3,
    minConnections: 5,
    maxWaitMs: 600_000,
    off: false,
  };
  expect(limitsFor()).toEqual(defaults);
  expect(limitsOf({})).toEqual(defaults);
});

test("each option sets its limit", () => {
  const argv = "--max-lag 500ms --max-slot-wal 500MB --max-transaction-age 2h --max-waiting 0 --min-connections 0";
  expect(limitsFor(...argv.split(" "), "--max-wait", "5m", "--no-gate")).toEqual({
    maxLagMs: 500,
    maxSlotWalBytes: 500 * 1024 ** 2,
    maxTransactionAgeMs: 7_200_000,
    maxWaiting: 0,
    minConnections: 0,
    maxWaitMs: 300_000,
    off: true,
  });
});

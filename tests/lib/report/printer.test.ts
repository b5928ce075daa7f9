import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { createPrinter } from "../../../scripts/lib/report/printer.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for.
const ESCAPE = /\u001b\[\d+m/;

/** A stream that keeps what is written to it, and is a terminal or not. */
function streamOf(isTTY: boolean, columns = 80) {
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY, columns });
  return { stream, text: () => String(stream.read() ?? "") };
}

test("elsewhere than on a terminal lines are plain, and progress comes at most once a second, unless it is urgent", async () => {
  const { stream, text } = streamOf(false);
  const printer = createPrinter(stream, {});
  printer.line(printer.colour.red("red"));
  for (let n = 1; n <= 5; n++) printer.progress(`${n} of 5`);
  expect(text()).toBe("red\n  1 of 5\n");
  printer.progress("why it waits", true);
  expect(text()).toBe("  why it waits\n");
  await sleep(1_010);
  printer.progress("later");
  printer.stop();
  expect(text()).toBe("  later\n");
});

test("a log that nobody watches has the time before each line; a terminal has not", () => {
  const { stream, text } = streamOf(false);
  const printer = createPrinter(stream, {}, { timed: true });
  printer.line("store 501 is synced");
  printer.progress("1 of 5");
  expect(text()).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z store 501 is synced\n\d{4}-[^ ]+Z {3}1 of 5\n$/);
  const terminal = streamOf(true);
  createPrinter(terminal.stream, { NO_COLOR: "1" }, { timed: true }).line("plain");
  expect(terminal.text()).toBe("plain\n");
});

test("NO_COLOR takes the colour away on a terminal, TERM=dumb the spinner, too", () => {
  expect(createPrinter(streamOf(true).stream, { NO_COLOR: "1" }).colour.level).toBe(0);
  const { stream, text } = streamOf(true);
  const dumb = createPrinter(stream, { TERM: "dumb" });
  dumb.progress("1 of 5");
  expect(text()).toBe("  1 of 5\n");
});

test("a line has no colour where there is none to have", () => {
  const { stream, text } = streamOf(true);
  const printer = createPrinter(stream, { NO_COLOR: "1" });
  printer.line(printer.colour.red("red"));
  expect(text()).not.toMatch(ESCAPE);
});

test("a terminal without columns gets plain lines: a spinner would never have done clearing it", () => {
  const { stream, text } = streamOf(true, 0);
  const printer = createPrinter(stream, {});
  printer.progress("1 of 5");
  printer.stop();
  expect(text()).toBe("  1 of 5\n");
});

test("a secret is taken out of lines and of progress", () => {
  const { stream, text } = streamOf(false);
  const printer = createPrinter(stream, {});
  printer.line("postgresql://a:hidden@h/d");
  printer.progress("postgresql://a:hidden@h/d");
  expect(text()).toBe("postgresql://a:***@h/d\n  postgresql://a:***@h/d\n");
});

import { expect, test } from "@jest/globals";
import { toMarkdown, toText } from "../../../scripts/lib/bench/table.ts";

const TABLE = { title: "Moves", head: ["", "seconds"], rows: [["pg_dump | psql", "13.5"]], notes: ["Once."] };

test("A stroke in a cell ends it in neither form", () => {
  expect(toMarkdown(TABLE)).toBe("### Moves\n\n|  | seconds |\n| --- | --: |\n| pg_dump \\| psql | 13.5 |\n\nOnce.");
  expect(toText(TABLE)).toBe("Moves\n                seconds\npg_dump | psql     13.5\nOnce.");
});

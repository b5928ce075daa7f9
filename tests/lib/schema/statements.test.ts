import { expect, test } from "@jest/globals";
import { splitStatements } from "../../../scripts/lib/schema/statements.ts";

test.each([
  ["two statements", "select 1; select 2;", ["select 1", "select 2"]],
  ["a last one without a semicolon", "select 1", ["select 1"]],
  ["nothing but comments", "-- a;\n/* b; */\n;", []],
  ["a comment before and within", "-- why;\nselect /* ; */ 1;", ["select   1"]],
  ["a semicolon in a text", "select 'a;''b';", ["select 'a;''b'"]],
  ["a comment sign in a text", "select '--', '/*'; select 2", ["select '--', '/*'", "select 2"]],
  [
    "an escaped quote in an escape string",
    String.raw`select E'\';'; select 2`,
    [String.raw`select E'\';'`, "select 2"],
  ],
  [
    "a backslash at the end of an ordinary text",
    String.raw`select '\'; select 2`,
    [String.raw`select '\'`, "select 2"],
  ],
  ["a semicolon in a quoted name", 'select ";"', ['select ";"']],
  ["a body in dollar quotes", "do $$ begin; end $$; select 1", ["do $$ begin; end $$", "select 1"]],
  ["a tag within another", "do $a$ $$;$$ $a$; select 1", ["do $a$ $$;$$ $a$", "select 1"]],
])("A SQL text is cut where statements end: %s", (_, sql, statements) => {
  expect(splitStatements(sql)).toEqual(statements);
});

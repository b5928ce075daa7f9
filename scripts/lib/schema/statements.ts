/** Everything in which a semicolon does not end a statement, and the semicolon that does. */
const TOKENS =
  /--[^\n]*|\/\*[\s\S]*?\*\/|\b[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|;/g;

const isComment = (token: string): boolean => token.startsWith("--") || token.startsWith("/*");

/** The statements of a SQL text without their comments and final semicolons. */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let statement = "";
  let end = 0;
  for (const { 0: token, index } of sql.matchAll(TOKENS)) {
    statement += sql.slice(end, index);
    end = index + token.length;
    if (token === ";") {
      statements.push(statement.trim());
      statement = "";
    } else {
      statement += isComment(token) ? " " : token;
    }
  }
  statements.push((statement + sql.slice(end)).trim());
  return statements.filter((text) => text !== "");
}

/** A terminal that knows what the suite sends it, and nothing else. */

const ESCAPE = "\u001b";

/** What it shows: its lines, without colours. */
export function screenOf(sent: string): string[] {
  const lines: string[] = [""];
  let [row, column] = [0, 0];
  const line = () => lines[row] ?? "";
  const obey = (order: string) => {
    if (order.endsWith("A")) [row, column] = [Math.max(0, row - Number(order.slice(1, -1))), 0];
    if (order.endsWith("K")) lines[row] = line().slice(0, column);
    if (order.endsWith("J")) lines.splice(row, lines.length, line().slice(0, column));
  };
  const show = (character: string) => {
    if (character === "\n") {
      [row, column] = [row + 1, 0];
      lines[row] ??= "";
      return;
    }
    lines[row] = line().slice(0, column) + character + line().slice(column + 1);
    column += 1;
  };
  for (const [index, part] of sent.split(ESCAPE).entries()) {
    const order = index === 0 ? "" : (/^\[[\d;?]*[a-zA-Z]/.exec(part)?.[0] ?? "");
    obey(order);
    for (const character of part.slice(order.length)) show(character);
  }
  return lines;
}

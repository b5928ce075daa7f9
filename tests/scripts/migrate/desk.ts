/** Runs commands of scripts/migrate.ts inside the test's process. */
import { migrate } from "../../../scripts/migrate.ts";
import { capture } from "../../helpers/script.ts";

/** What a command left behind. */
export interface Done {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines on standard output. */
  readonly lines: readonly string[];
  /** The document on standard output; asked for after `--json` only. */
  // biome-ignore lint/suspicious/noExplicitAny: each command has a document of its own.
  readonly json: any;
}

/** Runs `migrate.ts <argv>` on the test's database; `json` and `verbose` add these options. */
export const deskOn =
  (db: { readonly url: string }, { json = false, verbose = false } = {}) =>
  async (...argv: string[]): Promise<Done> => {
    const flags = [...(json ? ["--json"] : []), ...(verbose ? ["--verbose"] : [])];
    const { exitCode, stdout, stderr } = await capture(db.url, () => migrate([...argv, ...flags]));
    return {
      exitCode,
      stdout,
      stderr,
      lines: stdout.split("\n").slice(0, -1),
      get json() {
        return JSON.parse(stdout);
      },
    };
  };

/** Of what status printed: the line of a batch, and those beneath it. */
export function blockOf({ lines }: Done, number: number): string[] {
  const start = lines.findIndex((line) => line.startsWith(`${String(number).padStart(2)}  `));
  const length = lines.slice(start + 1).findIndex((line) => !line.startsWith("      "));
  return lines.slice(start, start + 1 + length);
}

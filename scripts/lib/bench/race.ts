import { isDeepStrictEqual } from "node:util";
import { RunFailed } from "../errors.ts";
import { formatCount, formatDuration } from "../report/format.ts";
import type { Contestant, Part, Turn } from "./contestants.ts";
import type { Measured } from "./measure.ts";
import { type Fingerprint, fingerprintOf, type Reference } from "./reference.ts";
import type { Result } from "./scores.ts";

/** Parts that are told by their ratio to the hand-written statement. */
const NEED_THE_STATEMENT: readonly Part[] = ["prisma", "rows", "ours", "growth"];

interface Planned {
  readonly reference: Reference;
  readonly contestants: readonly Contestant[];
  readonly once: boolean;
}

/** What was measured, and what all have written. */
export interface Race {
  readonly results: readonly Result[];
  /** By the number of audits. */
  readonly wrote: ReadonlyMap<number, Fingerprint>;
}

interface Wrote {
  readonly name: string;
  readonly fingerprint: Fingerprint;
}

/** Measures all turns, round after round, each on a fresh clone; throws RunFailed where two did not write the same rows. */
export async function race(
  turns: readonly Turn[],
  parts: readonly Part[],
  references: readonly Reference[],
  { rounds, say }: { readonly rounds: number; readonly say: (line: string) => void },
): Promise<Race> {
  const results: Result[] = [];
  const wrote = new Map<number, Wrote>();
  for (let round = 0; round < rounds; round += 1) {
    const planned = rotate(plan(turns, parts, references), round).filter(({ once }) => !once || round === 0);
    if (planned.length > 0) say(`Round ${round + 1} of ${rounds}:`);
    for (const { reference, contestants } of planned)
      await reference.onClone(async (url) => {
        const { audits } = reference.size;
        for (const contestant of contestants) {
          const measured = await contestant.run(url, reference.size);
          say(`  ${lineOf(contestant, audits, measured)}`);
          results.push({ ...measured, name: contestant.name, audits });
          if (!contestant.partial) await checkSame(wrote, audits, contestant.name, url);
        }
      });
  }
  return { results, wrote: new Map([...wrote].map(([audits, { fingerprint }]) => [audits, fingerprint])) };
}

/** Everything that the parts ask for: the chosen turns on the largest reference, those that grow on the smaller ones, too. */
function plan(turns: readonly Turn[], parts: readonly Part[], references: readonly Reference[]): Planned[] {
  const chosen = parts.some((part) => NEED_THE_STATEMENT.includes(part)) ? [...parts, "statement"] : parts;
  const growth = parts.includes("growth");
  return references.toReversed().flatMap((reference, index) => {
    const isLargest = index === 0;
    return turns
      .filter(({ part, grows }) => (isLargest && chosen.includes(part)) || (growth && grows === true))
      .map(({ contestants, once }) => ({
        reference,
        contestants: isLargest ? contestants : contestants.slice(0, 1),
        once: once === true,
      }));
  });
}

/** Each round begins with another, so that none is always the first, or always after the same one. */
const rotate = <T>(items: readonly T[], by: number): T[] => {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
};

const lineOf = ({ name }: Contestant, audits: number, { ms, rows }: Measured): string =>
  `${name}, ${formatCount(audits)} audits: ${formatDuration(ms)}${rows === undefined ? "" : ` for ${formatCount(rows)} messages`}`;

async function checkSame(wrote: Map<number, Wrote>, audits: number, name: string, url: string): Promise<void> {
  const fingerprint = await fingerprintOf(url);
  if (fingerprint === undefined) throw new RunFailed("The query for the fingerprint returned no row.");
  const first = wrote.get(audits) ?? { name, fingerprint };
  wrote.set(audits, first);
  if (isDeepStrictEqual(first.fingerprint, fingerprint)) return;
  throw new RunFailed(
    `"${first.name}" and "${name}" wrote different rows: ${JSON.stringify(first.fingerprint)} and ${JSON.stringify(fingerprint)}.`,
  );
}

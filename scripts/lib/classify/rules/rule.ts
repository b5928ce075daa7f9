/**
 * What the rule classifier knows, as data. A phrase is words in small letters: `word*` is any word that begins so, `a|b` one
 * word or the other, `..` up to three other words of the same clause, `...` of the same sentence, a leading `^` a clause's
 * beginning, `?` a question mark, `<link>` an address of the web. Phrases are separated by semicolons or ends of lines. е
 * stands for ё, too, and contractions are written out: "not" covers "n't".
 */
export interface Phrases {
  readonly ru: string;
  readonly en: string;
}

/** Whose lines are read; `closing` is what that side wrote last, until the other side's line before it. */
export type Reads = "customer" | "customer's closing" | "business's closing";

export type Condition =
  /** The chat waits for an answer, and what the customer wrote last needs one. */
  | "answer is due"
  /** The business wrote something before the customer's closing. */
  | "answered"
  /** The customer asks for nothing in the line where the phrase stands, or later. */
  | "asks nothing more"
  /** The business has not written at all. */
  | "alone"
  /** The customer used more words than a greeting or a fragment has. */
  | "tells"
  /** The customer asks for nothing at all, and praises nothing. */
  | "neither asks nor praises";

/** A rule speaks once for a chat, however often its phrases occur. */
export interface Rule {
  readonly name: string;
  readonly tag: string;
  /** 1 is enough for the tag by itself; below 0 it speaks against the tag. */
  readonly weight: number;
  readonly reads: Reads;
  /** One of them must occur. A rule without phrases speaks where its conditions hold. */
  readonly phrases?: Phrases;
  /** A phrase does not count where "not", "no" or "without" stands before it in its clause. */
  readonly negatable?: true;
  readonly when?: readonly Condition[];
  /** Counts only where no tag holds without it. */
  readonly lastResort?: true;
}

/** What conditions are made of: does the customer ask, take leave, praise? */
export interface Sign {
  readonly name: "asks" | "closes" | "praises";
  readonly phrases: Phrases;
  readonly negatable?: true;
}

/** What tells one batch that stores threads from another. */
export interface SinkRules {
  /** `metadata.source` of what it stores; ids follow from it. */
  readonly source: string;
  /** The script's name. */
  readonly script: string;
  /** A conversation of the same channel and external_id that somebody else made is used, too. */
  readonly adopt: boolean;
  /** The system in external_refs under which conversations and nicks are known. */
  readonly refs?: string;
  /** Whether conversations, and messages within its time, are linked to their customer's booking. */
  readonly bookings?: boolean;
}

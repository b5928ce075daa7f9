import type { ItemError } from "../../page.ts";
import type { NewestMinute } from "./keys.ts";

/** What the database knows of the dialogs. The source asks; it never writes. */
export interface StoredDialogs {
  find(id: string): Promise<StoredDialog | undefined>;
  /** Of a conversation, by its row's id. */
  newestMinute(uuid: string): Promise<NewestMinute | undefined>;
  /** Those of a conversation's message keys that are stored. */
  known(uuid: string, keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** Those of the quarantine's keys that are in it. */
  quarantined(keys: readonly string[]): Promise<ReadonlyMap<string, ItemError>>;
}

export interface StoredDialog {
  readonly id: string;
  /** Why it is not known to be whole. */
  readonly partial: string | null;
  /** Why only some of it was asked for. */
  readonly window: string | null;
}

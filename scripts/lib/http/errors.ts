/**
 * What becomes of a request that has no good answer. Each is final: it has been tried as often as it is worth. None carries what
 * node calls the error, which would be taken for a lost connection to the database; it is the `cause`.
 */
import { RunFailed } from "../errors.ts";

/** Kept with an item in quarantine. */
export type RefusalCode = `HTTP_${number}` | "NOT_JSON" | "SCHEMA" | "TOO_LARGE" | "TIMEOUT" | "NETWORK" | "REFUSED";

/** What was asked for can't be had; whatever else is asked for may be. */
export class ItemRefused extends RunFailed {
  override name = "ItemRefused";
  readonly code: RefusalCode;
  /** Where there was an answer. */
  readonly status: number | undefined;
  constructor(message: string, { code, status, ...options }: ErrorOptions & { code: RefusalCode; status?: number }) {
    super(message, options);
    this.code = code;
    this.status = status;
  }
}

/** The service can't be reached at all. */
export class Unreachable extends RunFailed {}

/** The service does not let this account in: nothing more is asked of it on its behalf. */
export class AccountRefused extends RunFailed {
  override name = "AccountRefused";
  readonly status: number;
  constructor(message: string, { status, ...options }: ErrorOptions & { status: number }) {
    super(message, options);
    this.status = status;
  }
}

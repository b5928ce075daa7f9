/**
 * What becomes of a request that has no good answer. Each is final: it has been tried as often as it is worth. None carries what
 * node calls the error, which would be taken for a lost connection to the database; it is the `cause`.
 */
import { RunFailed } from "../errors.ts";

/** Kept with an item in quarantine. */
export type RefusalCode = `HTTP_${number}` | "NOT_JSON" | "SCHEMA" | "TOO_LARGE" | "TIMEOUT" | "NETWORK" | "REFUSED";

interface Refusal extends ErrorOptions {
  readonly status?: number;
  readonly own?: string | undefined;
}

/** What was asked for can't be had; whatever else is asked for may be. */
export class ItemRefused extends RunFailed {
  override name = "ItemRefused";
  readonly code: RefusalCode;
  /** Where there was an answer. */
  readonly status: number | undefined;
  /** What the service itself calls it. */
  readonly own: string | undefined;
  constructor(message: string, { code, status, own, ...options }: Refusal & { code: RefusalCode }) {
    super(message, options);
    this.code = code;
    this.status = status;
    this.own = own;
  }
}

/** The service can't be reached at all. */
export class Unreachable extends RunFailed {}

/** The service does not let this account in: nothing more is asked of it on its behalf. */
export class AccountRefused extends RunFailed {
  override name = "AccountRefused";
  readonly status: number;
  /** What the service itself calls it. */
  readonly own: string | undefined;
  constructor(message: string, { status, own, ...options }: Refusal & { status: number }) {
    super(message, options);
    this.status = status;
    this.own = own;
  }
}

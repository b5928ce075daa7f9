/** A plan, and what it is drawn up from. */
import type { Queryable } from "../../db/database.ts";
import type { Catalog } from "../catalog-types.ts";
import type { Difference } from "../diff/difference.ts";
import type { Selection } from "../selection.ts";
import type { Source } from "../source.ts";

export interface Survey {
  readonly source: Source;
  readonly catalog: Catalog;
  /** The target, with its catalog and how it is called. */
  readonly db: Queryable;
  readonly target: Catalog;
  readonly targetName: string;
  readonly selection: Selection;
  /** A file makes the tables that the target lacks. */
  readonly schemaFile?: boolean;
  /** What else is known of the source: whether its key is filtered, say. */
  readonly notes?: readonly string[];
}

export interface PlannedTable {
  readonly name: string;
  readonly rows: number;
  /** False where the rows are the source's own estimate. */
  readonly exact: boolean;
  /** With indexes; 0 where the source does not tell. */
  readonly bytes: number;
  /** Tables of the move that are filled first. */
  readonly behind: readonly string[];
  /** Rows of the target's table; null where it is still to be made. */
  readonly rowsInTarget: number | null;
}

export interface MovePlan {
  readonly from: { readonly name: string; readonly schema: string; readonly kind: Source["kind"] };
  readonly to: { readonly name: string; readonly schema: string };
  /** In the order in which they are filled. */
  readonly tables: readonly PlannedTable[];
  readonly rows: number;
  readonly bytes: number;
  readonly estimateMs: number;
  /** Groups of tables whose foreign keys lead round in a circle. */
  readonly cycles: readonly (readonly string[])[];
  readonly preserved: readonly { readonly name: string; readonly rows: number }[];
  readonly differences: readonly Difference[];
  /** Each would lose data, or mix it with the suite's own. */
  readonly collisions: readonly string[];
  readonly notCarried: readonly string[];
  /** What this kind of source can't show. */
  readonly notShown: readonly string[];
  readonly notes: readonly string[];
  /** Whether something of it would lose data. */
  readonly loses: boolean;
}

import type { Asked } from "../helpers/crm.ts";

/** From here on the database knows `id_of(kind, n)`: the same id for the same seed, kind and number. */
export const makeIds = (db: Asked, seed: number): Promise<unknown> =>
  db.query(
    `create function id_of(kind text, n bigint) returns uuid immutable language sql
         return md5('${seed} ' || kind || ' ' || n)::uuid`,
  );

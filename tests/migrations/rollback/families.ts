/** Tables that need each other, with triggers, for the tests of batch 10's rollback; and what becomes of them at the source. */
import { runIn } from "../../helpers/salon.ts";
import { type Moving, SCHEMA } from "./business-data.ts";

/** People, their pets, which each need the other, and what was said of them: triggers say when a row was touched. */
const DDL = `
  create table people (id int primary key, best int, name text, email text unique, touched int default 0);
  create table pets (id int primary key, owner int not null references people, name text);
  alter table people add constraint best foreign key (best) references pets;
  create table visits (pet int references pets on delete cascade, day date, note text, primary key (pet, day));
  create table tags (id int primary key, person int references people on delete restrict, friend int references people on delete set null);
  create function touch() returns trigger language plpgsql as $$ begin new.touched := new.touched + 1; return new; end $$;
  create trigger touch before insert or update on people for each row execute function touch();`;

const ROWS = `
  set constraints all deferred;
  alter table people disable trigger touch;
  alter table people drop constraint best;
  insert into people select i, nullif(i, 5), 'person ' || i, i || '@example.com' from generate_series(1, 100) i;
  insert into pets select i, i, 'pet ' || i from generate_series(1, 100) i;
  insert into visits select i, '2024-01-01', null from generate_series(1, 100) i;
  insert into tags select i, i, 101 - i from generate_series(1, 100) i`;

/** Makes them on both sides, and fills the source's. */
export async function makeFamilies({ source, target }: Pick<Moving, "source" | "target">): Promise<void> {
  await runIn(source, "public", DDL + ROWS);
  await runIn(target, SCHEMA, DDL);
}

/** Rows are changed, deleted and added. */
export const CHANGES = `
  update people set name = 'New ' || id, email = null where id <= 20;
  update pets set owner = 101 - id where id > 90;
  update visits set note = 'It''s "new", \\ and {odd}';
  delete from visits where pet in (5, 33);
  update people set best = null where best in (5, 33);
  delete from pets where id in (5, 33);
  insert into people values (200, null, 'added', 'new@example.com');
  insert into pets values (200, 200, 'added');`;

/** Person 201 has the address that person 6 had. */
export const MORE_CHANGES = `
  update people set name = 'newer' where id < 9;
  delete from visits;
  delete from pets where id > 199;
  insert into people values (201, null, 'more', '6@example.com')`;

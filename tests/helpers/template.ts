import { createHash } from "node:crypto";
import pg from "pg";
import { parseAddress } from "../../scripts/lib/db/address.ts";
import { quoteName } from "../../scripts/lib/db/quote.ts";
import { applyFolders } from "../../scripts/lib/schema/engine.ts";
import { type Folder, listFolders } from "../../scripts/lib/schema/folders.ts";

/** Test runs that began before a migration was changed still clone the templates before this one. */
const TEMPLATES_KEPT = 5;

/**
 * Makes the database that tests clone, with every folder applied, where it is not there yet. Its name follows from the
 * folders' contents; it is returned, and left in `process.env.TEST_TEMPLATE`. Two test runs at once share it.
 */
export async function buildTemplate(adminUrl: string): Promise<string> {
  const name = await templateOf(adminUrl, await listFolders());
  process.env.TEST_TEMPLATE = name;
  return name;
}

/** The same for these folders, without telling anybody. */
export async function templateOf(adminUrl: string, folders: readonly Folder[]): Promise<string> {
  const name = `crm_template_${digestOf(folders)}`;
  const admin = new pg.Client(adminUrl);
  await admin.connect();
  try {
    await admin.query("select pg_advisory_lock(hashtextextended('crm_template', 0))");
    if (!(await exists(admin, name))) await build(admin, adminUrl, name, folders);
    await dropStale(admin, name);
  } finally {
    await admin.end();
  }
  return name;
}

const digestOf = (folders: readonly Folder[]): string =>
  createHash("sha256")
    .update(folders.map(({ name, checksum }) => `${name} ${checksum}\n`).join(""))
    .digest("hex")
    .slice(0, 12);

async function exists(admin: pg.Client, name: string): Promise<boolean> {
  return (await admin.query("select from pg_database where datname = $1", [name])).rows.length > 0;
}

/** Under another name until it is complete, so that a build that was killed is not taken for a template. */
async function build(admin: pg.Client, adminUrl: string, name: string, folders: readonly Folder[]): Promise<void> {
  const draft = `${name}_draft`;
  await admin.query(`drop database if exists ${quoteName(draft)} with (force)`);
  await admin.query(`create database ${quoteName(draft)} template template0`);
  const url = new URL(adminUrl);
  url.pathname = `/${draft}`;
  await applyFolders(parseAddress(url.href), folders);
  await admin.query(`alter database ${quoteName(draft)} rename to ${quoteName(name)}`);
}

async function dropStale(admin: pg.Client, current: string): Promise<void> {
  const { rows } = await admin.query<{ datname: string }>(
    `select datname
       from pg_database
      where datname like 'crm\\_template\\_%' and datname <> $1
      order by oid desc
     offset $2`,
    [current, TEMPLATES_KEPT - 1],
  );
  for (const { datname } of rows) await admin.query(`drop database if exists ${quoteName(datname)} with (force)`);
}

/** What the modules of the embedded server need to know about files. */
import { access, realpath } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";

/** For `.catch`: no such file, or no such process, is an answer; any other error stays one. */
export function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The real path of a file that need not exist yet. */
export async function realPath(path: string): Promise<string> {
  if (await exists(path)) return realpath(path);
  return join(await realPath(dirname(path)), basename(path));
}

/** A path as people write it: relative below the current folder, otherwise whole. */
export function shown(path: string): string {
  const below = relative(process.cwd(), path);
  return below === "" || below.startsWith("..") ? path : below;
}

/** What the modules of the embedded server need to know about files. */
import { access } from "node:fs/promises";
import { relative } from "node:path";

/** For `.catch`: no such file is an answer, any other error stays one. */
export function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** A path as people write it: relative below the current folder, otherwise whole. */
export function shown(path: string): string {
  const below = relative(process.cwd(), path);
  return below === "" || below.startsWith("..") ? path : below;
}

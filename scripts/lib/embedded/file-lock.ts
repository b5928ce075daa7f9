/**
 * Locks on files that the kernel keeps: however their owner ends, `kill -9` included, it lets go of them at once. So there
 * are no process ids to compare, and none that another process may have by now.
 */
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 25;
const SAY_AFTER_MS = 3_000; // longer than a start or a stop takes; making the data folder may reach it on a slow disk

/** Keeps the garbage collector from closing a handle, and so ending a lock, whose user is still there. */
const held = new Set<FileHandle>();

/** Runs `work` while no other process does so under the lock of that file; `onWait` is called once, if it takes long. */
export async function exclusively<T>(file: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  const { tryLock } = await native();
  const handle = await open(file, "a+");
  try {
    const begin = Date.now();
    let said = false;
    while (!tryLock(handle.fd)) {
      if (!said && Date.now() - begin > SAY_AFTER_MS) {
        said = true;
        onWait();
      }
      await sleep(POLL_MS);
    }
    return await work();
  } finally {
    await handle.close();
  }
}

/** Registers a user of what the file stands for; the function returned, or the end of the process, takes it back. */
export async function register(file: string): Promise<() => Promise<void>> {
  const { tryLock } = await native();
  const handle = await open(file, "a+");
  held.add(handle);
  while (!tryLock(handle.fd, { shared: true })) await sleep(POLL_MS);
  return async () => {
    held.delete(handle);
    await handle.close();
  };
}

/** Whether any live process, this one included, is registered as a user. */
export async function hasUsers(file: string): Promise<boolean> {
  const { tryLock } = await native();
  const handle = await open(file, "a+");
  try {
    return !tryLock(handle.fd);
  } finally {
    await handle.close();
  }
}

/** Imported when it is needed: with a DATABASE_URL the scripts run on systems for which it has no binary, too. */
const native = async () => (await import("fs-native-extensions")).default;

import { setTimeout as delay } from "node:timers/promises";
import { digestOf } from "./digest.ts";
import { storageError } from "./errors.ts";
import { unless } from "./files.ts";
import { mayBeAlive } from "./identity.ts";
import { preparing, type Store } from "./store.ts";
import { clear, sweepFolder } from "./temporaries.ts";

// Locks among processes: a key's is a symbolic link under `.storage/lock` that names its holder, made and
// told apart in one call each. Whoever waits measures by its own clock how long a lock has not changed,
// so that neither a wrong clock nor a reused process number matters.

/** Milliseconds: a holder shows that it lives this often, */
const heartbeat = 1000;
/** a lock that shows nothing for this long is a dead holder's, */
const dead = 5000;
/** and who takes it over waits this long to see that nobody else did. */
const settling = 200;
/** Milliseconds between two looks at a lock that is held. */
const longestPause = 25;

/** Throws where the lock was lost. */
export type StillHeld = () => Promise<unknown>;

/**
 * Runs `work` while no other call, of this process or another one, holds the key's lock. A process
 * that slept for seconds may have lost it: `stillHeld` throws then, and is to be asked just before
 * the commit. It may fall asleep even after that, so that a commit has to need the temp file by
 * whose name the lock is held: it is removed before the lock is taken over.
 */
export async function holding<T>(
  store: Store,
  key: string,
  holder: string,
  signal: AbortSignal,
  work: (stillHeld: StillHeld) => Promise<T>,
): Promise<T> {
  const { locked, files } = store;
  const path = `${store.own}/lock/${digestOf(key)}`;
  while (locked.has(path)) await delay(1, undefined, { signal });
  locked.add(path);
  let beating: NodeJS.Timeout | undefined;
  try {
    await acquire(store, path, holder, signal);
    beating = setInterval(() => {
      const now = Date.now() / 1000;
      files.lutimes(path, now, now).catch(() => {});
    }, heartbeat);
    return await work(async () => {
      if ((await holderOf(store, path)) !== holder) throw storageError("Unavailable", "the lock was lost");
    });
  } finally {
    clearInterval(beating);
    await letGo(store, path, holder);
    locked.delete(path);
  }
}

/** Removes the locks of dead holders; where nobody here can know, those without a heartbeat for `olderThan` milliseconds. */
export function sweepLocks(store: Store, olderThan: number): Promise<number> {
  return sweepFolder(store, "lock", async (_, path) => {
    const [holder, stats] = await Promise.all([holderOf(store, path), store.files.look(path)]);
    if (holder === undefined || stats === undefined) return true;
    return await mayBeAlive(holder, stats, Math.max(olderThan, dead));
  });
}

async function acquire(store: Store, path: string, holder: string, signal: AbortSignal): Promise<void> {
  let seen: string | undefined;
  let since = performance.now();
  for (let pause = 1; ; pause = Math.min(longestPause, pause * 2)) {
    if (await preparing(store, () => store.files.symlink(holder, path))) return;
    const state = await stateOf(store, path);
    if (state !== seen) {
      seen = state;
      since = performance.now();
    }
    const isDead = seen !== undefined && performance.now() - since >= dead;
    if (isDead && (await takeOver(store, path, holder, signal, seen))) return;
    await delay(pause * (0.5 + Math.random()), undefined, { signal });
  }
}

/** Puts our lock in the place of a dead one; of several that try, the last one has it. */
async function takeOver(
  store: Store,
  path: string,
  holder: string,
  signal: AbortSignal,
  seen: string | undefined,
): Promise<boolean> {
  const { files } = store;
  const own = `${path}.${holder}`;
  await files.symlink(holder, own);
  const deadHolder = await holderOf(store, path);
  if (deadHolder === undefined || (await stateOf(store, path)) !== seen) {
    await files.remove(own);
    return false;
  }
  await clear(store, deadHolder);
  await files.rename(own, path);
  await delay(settling, undefined, { signal });
  return (await holderOf(store, path)) === holder;
}

/** A lock that cannot be removed is a dead holder's soon. */
async function letGo(store: Store, path: string, holder: string): Promise<void> {
  const removing = holderOf(store, path).then((found) => found === holder && store.files.remove(path));
  await removing.catch(() => {});
}

function holderOf({ files }: Store, path: string): Promise<string | undefined> {
  return unless(["ENOENT", "EINVAL"], files.readlink(path));
}

/** Changes with every heartbeat and every holder. */
async function stateOf({ files }: Store, path: string): Promise<string | undefined> {
  const stats = await files.look(path);
  return stats && `${stats.ino} ${stats.mtimeNs}`;
}

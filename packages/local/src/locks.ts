import { setTimeout as delay } from "node:timers/promises";
import { unless } from "./files.ts";
import { digestOf, isAlive } from "./identity.ts";
import { preparing, type Store } from "./store.ts";
import { clear } from "./temporaries.ts";

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

interface Lock {
  readonly store: Store;
  readonly path: string;
  readonly holder: string;
  readonly signal: AbortSignal;
}

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
  const { queues, own } = store;
  const before = queues.get(key) ?? Promise.resolve();
  const turn = Promise.withResolvers<void>();
  const queue = before.then(() => turn.promise);
  queues.set(key, queue);
  try {
    await unlessAborted(before, signal);
    return await holdingLink({ store, path: `${own}/lock/${digestOf(key)}`, holder, signal }, work);
  } finally {
    turn.resolve();
    if (queues.get(key) === queue) queues.delete(key);
  }
}

/** Removes the locks of dead holders; where nobody here can know, those without a heartbeat for `olderThan` milliseconds. */
export async function sweepLocks(store: Store, olderThan: number): Promise<number> {
  const { files, own } = store;
  let removed = 0;
  for (const name of await files.names(`${own}/lock`)) {
    const path = `${own}/lock/${name}`;
    const [holder, stats] = await Promise.all([holderOf(store, path), files.look(path)]);
    if (holder === undefined || stats === undefined) continue;
    const age = Date.now() - Number(stats.mtimeMs);
    const isHeld = (await isAlive(holder)) ?? age < Math.max(olderThan, dead);
    if (!isHeld && (await files.remove(path))) removed++;
  }
  return removed;
}

async function holdingLink<T>(lock: Lock, work: (stillHeld: StillHeld) => Promise<T>): Promise<T> {
  const { store, path, holder } = lock;
  await acquire(lock);
  const beat = (): void => {
    const now = Date.now() / 1000;
    store.files.lutimes(path, now, now).catch(() => {});
  };
  const beating = setInterval(beat, heartbeat);
  try {
    return await work(async () => {
      if ((await holderOf(store, path)) !== holder)
        throw Object.assign(new Error("The lock was lost"), { code: "EBUSY" });
    });
  } finally {
    clearInterval(beating);
    await letGo(lock);
  }
}

async function acquire(lock: Lock): Promise<void> {
  const { store, path, holder, signal } = lock;
  let seen: string | undefined;
  let since = performance.now();
  for (let pause = 1; ; pause = Math.min(longestPause, pause * 2)) {
    if (await preparing(store, () => store.files.symlink(holder, path))) return;
    const state = await stateOf(lock);
    if (state !== seen) {
      seen = state;
      since = performance.now();
    }
    if (seen !== undefined && performance.now() - since >= dead && (await takeOver(lock, seen))) return;
    await delay(pause * (0.5 + Math.random()), undefined, { signal });
  }
}

/** Puts our lock in the place of a dead one; of several that try, the last one has it. */
async function takeOver(lock: Lock, seen: string): Promise<boolean> {
  const { store, path, holder, signal } = lock;
  const own = `${path}.${holder}`;
  await store.files.symlink(holder, own);
  if ((await stateOf(lock)) !== seen) {
    await store.files.remove(own);
    return false;
  }
  await clear(store, seen.slice(0, seen.indexOf(" ")));
  await store.files.rename(own, path);
  try {
    await delay(settling, undefined, { signal });
  } catch (error) {
    await letGo(lock);
    throw error;
  }
  return (await holderOf(store, path)) === holder;
}

/** A lock that cannot be removed is a dead holder's soon. */
async function letGo({ store, path, holder }: Lock): Promise<void> {
  const removing = holderOf(store, path).then((found) => found === holder && store.files.remove(path));
  await removing.catch(() => {});
}

function holderOf({ files }: Store, path: string): Promise<string | undefined> {
  return unless(["ENOENT", "EINVAL"], files.readlink(path));
}

/** Changes with every heartbeat and every holder. */
async function stateOf({ store, path }: Lock): Promise<string | undefined> {
  const [holder, stats] = await Promise.all([holderOf(store, path), store.files.look(path)]);
  return stats && `${holder} ${stats.mtimeNs}`;
}

async function unlessAborted(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([turn, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

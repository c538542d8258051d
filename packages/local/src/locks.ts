import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Files, ifThere, unless } from "./files.ts";
import { identityOf, isAlive } from "./identity.ts";

/** Milliseconds: a holder shows that it lives this often, */
const heartbeat = 1000;
/** a lock that shows nothing for this long is a dead holder's, */
const dead = 5000;
/** and who takes it over waits this long to see that nobody else did. */
const settling = 200;
/** Milliseconds between two looks at a lock that is held. */
const longestPause = 25;

/**
 * Locks among processes: a key's is a symbolic link under `.storage/lock` that names its holder, made
 * and told apart in one call each. Whoever waits measures by its own clock how long a lock has not
 * changed, so that neither a wrong clock nor a reused process number matters.
 */
export class Locks {
  readonly #folder: string;
  readonly #files: Files;
  readonly #prepare: () => Promise<void>;
  readonly #disarm: (holder: string) => Promise<void>;
  readonly #queues = new Map<string, Promise<void>>();

  /** `prepare` makes the folder; `disarm` removes the temp file that a holder would commit. */
  constructor(
    folder: string,
    files: Files,
    prepare: () => Promise<void>,
    disarm: (holder: string) => Promise<void>,
  ) {
    this.#folder = folder;
    this.#files = files;
    this.#prepare = prepare;
    this.#disarm = disarm;
  }

  /**
   * Runs `work` while no other call, of this process or another one, holds the key's lock. A process
   * that slept for seconds may have lost it: `stillHeld` throws then, and is to be asked just before
   * the commit. It may fall asleep even after that, so that a commit has to need the temp file by
   * whose name the lock is held: it is removed before the lock is taken over.
   */
  async holding<T>(
    key: string,
    holder: string,
    signal: AbortSignal,
    work: (stillHeld: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const before = this.#queues.get(key) ?? Promise.resolve();
    const turn = Promise.withResolvers<void>();
    const queue = before.then(() => turn.promise);
    this.#queues.set(key, queue);
    try {
      await unlessAborted(before, signal);
      return await this.#holdingLink(this.#pathOf(key), holder, signal, work);
    } finally {
      turn.resolve();
      if (this.#queues.get(key) === queue) this.#queues.delete(key);
    }
  }

  /** Removes the locks of dead holders; where nobody here can know, those without a heartbeat for `olderThan` milliseconds. */
  async sweep(olderThan: number): Promise<number> {
    let removed = 0;
    for (const name of await this.#files.names(this.#folder)) {
      const path = `${this.#folder}/${name}`;
      const [holder, stats] = await Promise.all([this.#holderOf(path), this.#files.look(path)]);
      if (holder === undefined || stats === undefined) continue;
      const age = Date.now() - Number(stats.mtimeMs);
      const isHeld = (await isAlive(identityOf(holder))) ?? age < Math.max(olderThan, dead);
      if (!isHeld && (await this.#files.remove(path))) removed++;
    }
    return removed;
  }

  async #holdingLink<T>(
    path: string,
    holder: string,
    signal: AbortSignal,
    work: (stillHeld: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    await this.#acquire(path, holder, signal);
    const beat = (): void => void this.#files.lutimes(path, Date.now() / 1000).catch(() => {});
    const beating = setInterval(beat, heartbeat);
    try {
      return await work(async () => {
        if ((await this.#holderOf(path)) !== holder)
          throw Object.assign(new Error("The lock was lost"), { code: "EBUSY" });
      });
    } finally {
      clearInterval(beating);
      await this.#release(path, holder);
    }
  }

  async #acquire(path: string, holder: string, signal: AbortSignal): Promise<void> {
    let seen: string | undefined;
    let since = performance.now();
    for (let pause = 1; ; pause = Math.min(longestPause, pause * 2)) {
      if (await this.#make(path, holder)) return;
      const state = await this.#stateOf(path);
      if (state !== seen) {
        seen = state;
        since = performance.now();
      }
      if (seen !== undefined && performance.now() - since >= dead) {
        if (await this.#takeOver(path, holder, seen, signal)) return;
      }
      await delay(pause * (0.5 + Math.random()), undefined, { signal });
    }
  }

  /** False where somebody holds it. */
  async #make(path: string, holder: string): Promise<boolean> {
    const make = (): Promise<boolean> => this.#files.symlink(holder, path);
    return (await ifThere(make())) ?? (await this.#prepare().then(make));
  }

  /** Puts our lock in the place of a dead one; of several that try, the last one has it. */
  async #takeOver(path: string, holder: string, seen: string, signal: AbortSignal): Promise<boolean> {
    const own = `${path}.${holder}`;
    await this.#files.symlink(holder, own);
    if ((await this.#stateOf(path)) !== seen) {
      await this.#files.remove(own);
      return false;
    }
    await this.#disarm(seen.slice(0, seen.indexOf(" ")));
    await this.#files.rename(own, path);
    try {
      await delay(settling, undefined, { signal });
    } catch (error) {
      await this.#release(path, holder);
      throw error;
    }
    return (await this.#holderOf(path)) === holder;
  }

  /** A lock that cannot be removed is a dead holder's soon. */
  async #release(path: string, holder: string): Promise<void> {
    const holding = this.#holderOf(path).then((found) => found === holder);
    await holding.then((held) => held && this.#files.remove(path)).catch(() => {});
  }

  #holderOf(path: string): Promise<string | undefined> {
    return unless(["ENOENT", "EINVAL"], this.#files.readlink(path));
  }

  /** Changes with every heartbeat and every holder. */
  async #stateOf(path: string): Promise<string | undefined> {
    const [holder, stats] = await Promise.all([this.#holderOf(path), this.#files.look(path)]);
    return stats === undefined ? undefined : `${holder} ${stats.mtimeNs}`;
  }

  #pathOf(key: string): string {
    return `${this.#folder}/${createHash("sha256").update(key).digest("hex").slice(0, 40)}`;
  }
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

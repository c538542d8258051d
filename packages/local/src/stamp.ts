import type { ObjectFacts } from "@storage/core";
import type { FileStats } from "./file-system.ts";

/**
 * A stamp is the modification time that we give to a file: unique among the writes of this process, and
 * among all that have a sidecar, whose name it is in; nearly so among the rest. 2^22 of them make
 * a second: the finest that a double holds exactly until 2038 and beyond, which is how Node hands a
 * time to the kernel. An odd stamp says that the object has a sidecar.
 */
const perSecond = 2 ** 22;

export interface Stamp {
  /** As `futimes` takes it. */
  readonly seconds: number;
  readonly nanoseconds: bigint;
}

export class Stamps {
  #last = 0;
  /** Whether the disk keeps them; undefined until that was seen. Where it keeps shorter times, writes in a row may get the same one. */
  kept: boolean | undefined;

  /** The clock tells milliseconds; where in its millisecond a stamp lies is left to chance. `skipped` is in parts of a second. */
  next(isDescribed: boolean, skipped: number): Stamp {
    const now = Math.floor((Date.now() / 1000 + Math.random() / 1000) * perSecond);
    let tick = Math.max(now, this.#last + 1) + skipped;
    if ((tick % 2 === 1) !== isDescribed) tick++;
    // One that looks as a shorter time does would have its sidecar looked for in vain.
    if (isShort(nanosecondsOf(tick % perSecond))) tick += 2;
    this.#last = tick;
    const whole = Math.floor(tick / perSecond);
    return {
      seconds: tick / perSecond,
      nanoseconds: BigInt(whole) * 1_000_000_000n + BigInt(nanosecondsOf(tick % perSecond)),
    };
  }

  /** What the disk made of a stamp: asked once, and from then on only of a disk that keeps it shorter. */
  async confirmed(promised: FileVersion, look: () => Promise<FileVersion>): Promise<FileVersion> {
    if (this.kept) return promised;
    const found = await look();
    this.kept = found.nanoseconds === promised.nanoseconds;
    return found;
  }
}

/** As libuv computes them of the double. */
function nanosecondsOf(part: number): number {
  return Math.trunc((part / perSecond) * 1e9);
}

/**
 * Whether a file of this time may have a sidecar. A disk that keeps shorter times (NTFS and network disks
 * of Windows: 100 nanoseconds) loses the difference between odd and even, so that every such time may.
 */
export function mayBeDescribed(version: FileVersion): boolean {
  return isShort(restOf(version)) || isStamped(version);
}

function isShort(nanoseconds: number): boolean {
  return nanoseconds % 100 === 0;
}

/** Whether this time says of itself that there is a sidecar. */
export function isStamped(version: FileVersion): boolean {
  const rest = restOf(version);
  const part = Math.ceil((rest / 1e9) * perSecond);
  return part % 2 === 1 && nanosecondsOf(part) === rest;
}

/** The part of a second. */
function restOf({ nanoseconds }: FileVersion): number {
  return Number(nanoseconds % 1_000_000_000n);
}

/** What a file system knows of an object: enough to tell two writes apart. */
export interface FileVersion {
  readonly size: number;
  readonly nanoseconds: bigint;
}

export function versionOf(stats: FileStats): FileVersion {
  return { size: Number(stats.size), nanoseconds: stats.mtimeNs };
}

export function etagOf({ size, nanoseconds }: FileVersion): string {
  return `${nanoseconds.toString(36)}.${size.toString(36)}`;
}

/** What a version says of its object. */
export function factsOf(version: FileVersion): Pick<ObjectFacts, "size" | "etag" | "lastModified"> {
  const { size, nanoseconds } = version;
  return { size, etag: etagOf(version), lastModified: new Date(Number(nanoseconds / 1_000_000n)) };
}

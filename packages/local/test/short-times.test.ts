import * as nodeFs from "node:fs";
import { type FileSystem, LocalBackend } from "@storage/local";
import { describe, expect, test } from "vitest";
import { rejection } from "./rejection.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Nanoseconds of a step: NTFS and SMB, older libraries, memfs, HFS+ and ext3, FAT. */
const disks = [100, 1000, 1_000_000, 1_000_000_000, 2_000_000_000];

/** A disk whose times go in steps. */
function inSteps(step: number): FileSystem {
  const stepped =
    (look: (...all: never[]) => void) =>
    (...parameters: unknown[]): void => {
      const done = parameters.pop() as (error: unknown, stats?: object) => void;
      const shortened = (error: unknown, stats?: { mtimeNs: bigint }): void => {
        if (stats !== undefined) stats.mtimeNs -= stats.mtimeNs % BigInt(step);
        done(error, stats);
      };
      Reflect.apply(look, nodeFs, [...parameters, shortened]);
    };
  const { fstat, lstat, stat } = nodeFs;
  const looks = { fstat: stepped(fstat), lstat: stepped(lstat), stat: stepped(stat) };
  return { ...nodeFs, ...looks } as unknown as FileSystem;
}

describe.each(disks)("on a disk whose times are in steps of %i nanoseconds", (step) => {
  async function opened(): Promise<LocalBackend> {
    return new LocalBackend({
      basePath: await temporaryFolder(),
      secret: "a secret of this test",
      durability: "none",
      fs: inSteps(step),
    });
  }

  test("each write of one size has its own etag, and its own attributes", async () => {
    const store = await opened();
    const etags = new Set<string>();
    for (let round = 0; round < 30; round++) {
      const metadata = round % 3 === 0 ? {} : { of: `${round}` };
      const { etag } = await store.put("a", `${round}`.padStart(4, "0"), { metadata });
      etags.add(etag);
      const object = await store.open("a");
      expect([object.etag, object.metadata, await object.text()]).toEqual([
        etag,
        metadata,
        `${round}`.padStart(4, "0"),
      ]);
    }
    expect(etags.size).toBe(30);
  });

  test("a stale etag is refused, at once after the write that made it so", async () => {
    const store = await opened();
    let { etag } = await store.put("counter", "00");
    for (let round = 1; round <= 10; round++) {
      const next = await store.put("counter", `${round}`.padStart(2, "0"), { ifMatch: etag });
      await rejection(store.put("counter", "xx", { ifMatch: etag }), "PreconditionFailed");
      ({ etag } = next);
    }
  });

  test("attributes go with copies and moves", async () => {
    const store = await opened();
    await store.put("a", "1", { metadata: { of: "a" } });
    await store.copy("a", "b");
    await store.move("b", "c");
    await store.put("b", "1");
    expect((await store.getMetadata("c")).metadata).toEqual({ of: "a" });
    expect((await store.getMetadata("b")).metadata).toEqual({});
  });
});

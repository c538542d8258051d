import { describe, expect, test } from "vitest";
import { available } from "../../../../scripts/requirements.ts";
import { withBucket } from "../buckets.ts";
import { outputOf, startChild } from "./run-child.ts";

const mebibyte = 2 ** 20;
const size = 256 * mebibyte;

describe.skipIf(!available("minio"))("memory, minio", () => {
  test("a stream of any length takes a part for each that is under way, whatever its chunks", async () => {
    const { backend, options, dispose } = await withBucket("minio");
    try {
      const child = startChild("put-and-get.ts", JSON.stringify(options), String(size));
      const { before, afterPut, afterGet, got, wrong } = JSON.parse(await outputOf(child));
      expect({ got, wrong }).toEqual({ got: size, wrong: 0 });
      // Four parts of 8 MiB, as much again for their digests, and a third for what is not collected yet.
      expect(afterPut - before).toBeLessThan(96 * mebibyte);
      // Chunks that were read and not collected yet: 65 MiB more when this was written, for 1 GiB too.
      expect(afterGet - before).toBeLessThan(160 * mebibyte);
    } finally {
      await backend.close();
      await dispose();
    }
  });
});

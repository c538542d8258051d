import { randomBytes } from "node:crypto";
import { LocalBackend } from "@storage/local";
import { expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const whole = new Uint8Array(randomBytes(3_000_000));

/** In chunks of these sizes over and over, all of them in one buffer: what is not copied in time is lost. */
async function* chunks(sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.max(...sizes));
  for (let place = 0, index = 0; place < whole.length; index++) {
    const piece = whole.subarray(place, place + (sizes[index % sizes.length] ?? 1));
    buffer.set(piece);
    yield buffer.subarray(0, piece.length);
    buffer.fill(0);
    place += piece.length;
  }
}

test.each([[[100_000]], [[65_536]], [[262_143, 262_144, 1]], [[1, 524_288, 7, 600_000]], [[1_500_000]]])(
  "a stream in chunks of %j bytes is stored byte for byte, its size declared or not",
  async (sizes) => {
    const storage = new LocalBackend({ basePath: await temporaryFolder(), secret: "a secret of this test" });
    for (const size of [undefined, whole.length]) {
      await storage.put("a", chunks(sizes), { size });
      expect(Buffer.compare(await storage.get("a"), whole)).toBe(0);
    }
  },
);

test("a short stream with a declared size is gathered too", async () => {
  const storage = new LocalBackend({ basePath: await temporaryFolder(), secret: "a secret of this test" });
  const short = Array.from({ length: 10 }, (_, index) => new Uint8Array(10 - index).fill(index));
  const all = Buffer.concat(short);
  await storage.put(
    "a",
    (async function* () {
      yield* short;
    })(),
    { size: all.length },
  );
  expect(Buffer.compare(await storage.get("a"), all)).toBe(0);
});

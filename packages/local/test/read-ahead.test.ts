import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { LocalBackend } from "@storage/local";
import { expect, test } from "vitest";
import { faultyFileSystem } from "./faulty-file-system.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const secret = "a secret of this test";
const large = new Uint8Array(randomBytes(1024 * 1024));

/** A large object, whose second piece takes as long to read as the test says. */
async function slowSecondPiece() {
  const release = Promise.withResolvers<void>();
  const calls: string[] = [];
  const fs = faultyFileSystem((call) => {
    calls.push(call);
    const isSecond = call === "read" && calls.filter((each) => each === "read").length === 2;
    return isSecond ? { before: () => release.promise } : undefined;
  });
  const basePath = await temporaryFolder();
  await new LocalBackend({ basePath, secret }).put("large", large);
  const { body } = await new LocalBackend({ basePath, secret, fs }).open("large");
  const readOnly = (): string[] => calls.filter((call) => call === "read" || call === "close");
  return { reader: body.getReader(), release, readOnly };
}

test("while a piece of a stream is used, the next one is read and no more", async () => {
  const { reader, release, readOnly } = await slowSecondPiece();
  const first = await reader.read();
  await delay(50);
  expect(readOnly()).toEqual(["read", "read"]);
  release.resolve();
  const pieces = [first.value ?? new Uint8Array()];
  for (let step = await reader.read(); !step.done; step = await reader.read()) pieces.push(step.value);
  expect(Buffer.concat(pieces).equals(large)).toBe(true);
  for (const piece of pieces) expect(piece.byteLength).toBe(piece.buffer.byteLength);
  expect(readOnly().at(-1)).toBe("close");
});

test("the file of a stream that is dropped is closed once the read ahead has ended, and nothing is read after it", async () => {
  const { reader, release, readOnly } = await slowSecondPiece();
  await reader.read();
  await reader.cancel();
  await delay(50);
  expect(readOnly()).toEqual(["read", "read"]);
  release.resolve();
  await expect.poll(readOnly).toEqual(["read", "read", "close"]);
});

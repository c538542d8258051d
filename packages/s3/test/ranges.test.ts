import type { SeenRequest } from "@storage/testing/faults";
import { describe, expect, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { brokenBucket } from "./faults/broken-bucket.ts";

const mebibyte = 2 ** 20;
/** Of seven parts and a rest. */
const bytes = new Uint8Array(36 * mebibyte).map((_, at) => (at * 31 + (at >> 13)) % 251);
const options = { partSize: 5 * mebibyte, readConcurrency: 4 };

const isRead = ({ method }: SeenRequest): boolean => method === "GET";

describe.skipIf(!available("radosgw"))("a large body by several connections", () => {
  test("is whole, and asked for in ranges of the object that it began with", async () => {
    const { direct, backend, proxy } = await brokenBucket("radosgw", options);
    const { etag } = await direct.put("key", bytes);
    expect(Buffer.compare(await backend.get("key"), bytes)).toBe(0);
    const [first, ...others] = proxy.requests.filter(isRead);
    expect(first?.headers.range).toBeUndefined();
    expect(others.map(({ headers }) => headers.range)).toContain("bytes=36700160-37748735");
    expect(others).toHaveLength(7);
    expect(new Set(others.map(({ headers }) => headers["if-match"]))).toEqual(new Set([`"${etag}"`]));
  });

  test("is so for a range of it, too", async () => {
    const { direct, backend, proxy } = await brokenBucket("radosgw", options);
    await direct.put("key", bytes);
    const range = { start: 1_000_001, end: 30_000_003 };
    expect(Buffer.compare(await backend.get("key", { range }), bytes.subarray(range.start, range.end))).toBe(
      0,
    );
    expect(proxy.requests.filter(isRead).length).toBe(6);
  });

  test("costs one request where it is small, or where nobody reads on", async () => {
    const { direct, backend, proxy } = await brokenBucket("radosgw", options);
    await direct.put("key", bytes);
    await direct.put("small", bytes.subarray(0, 9 * mebibyte));
    await backend.get("small");
    const { body } = await backend.open("key");
    for await (const _ of body) break;
    expect(proxy.requests.filter(isRead)).toHaveLength(2);
  });

  test("goes on where one of them breaks off", async () => {
    const { direct, backend, proxy } = await brokenBucket("radosgw", options);
    await direct.put("key", bytes);
    const isPart = ({ headers }: SeenRequest): boolean =>
      headers.range?.startsWith("bytes=15728640-") ?? false;
    const plan = proxy.plan({ kind: "reset", at: { bytes: mebibyte } }, { match: isPart });
    expect(Buffer.compare(await backend.get("key"), bytes)).toBe(0);
    expect(plan.met).toBe(1);
  });

  test("is an IntegrityError where the object is another one meanwhile", async () => {
    const { direct, backend } = await brokenBucket("radosgw", options);
    await direct.put("key", bytes);
    const { body } = await backend.open("key");
    const reading = (async () => {
      for await (const _ of body) await direct.put("key", "another");
    })();
    await expect(reading).rejects.toMatchObject({ code: "Integrity" });
  });
});

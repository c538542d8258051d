import { Backend, type TransferProgress, transfer, withPrefix } from "@storage/core";
import { expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { MapDriver, pieces, ServiceFailure } from "./map-driver.ts";

async function filled(count: number): Promise<{ driver: MapDriver; from: Backend }> {
  const driver = new MapDriver();
  const from = new Backend(driver);
  for (let index = 0; index < count; index++)
    await from.put(`k${index}`, `body ${index}`, { metadata: { index }, cacheControl: "no-store" });
  return { driver, from };
}

test("every object arrives with its attributes", async () => {
  const { from } = await filled(25);
  const to = new Backend(new MapDriver());
  const seen: TransferProgress[] = [];
  const result = await transfer(from, to, { onProgress: (progress) => seen.push(progress), verify: true });
  expect(result).toEqual({ copied: 25, skipped: 0, bytes: 165, failed: [] });
  expect(await to.getMetadata("k7")).toMatchObject({ metadata: { index: "7" }, cacheControl: "no-store" });
  expect(await (await to.open("k24")).text()).toBe("body 24");
  expect(seen.length).toBe(25);
  expect(seen.at(-1)).toMatchObject({ copied: 25, skipped: 0, failed: 0, bytes: 165 });
});

test("a prefix, a dry run, and a second run that resumes", async () => {
  const { from } = await filled(12);
  const driver = new MapDriver();
  const to = new Backend(driver);
  expect(await transfer(from, to, { prefix: "k1", dryRun: true })).toMatchObject({ copied: 3 });
  expect(driver.objects.size).toBe(0);
  expect(await transfer(from, to, { prefix: "k1" })).toMatchObject({ copied: 3, skipped: 0 });
  expect(await transfer(from, to, { resume: true })).toMatchObject({ copied: 9, skipped: 3 });
  expect(await transfer(from, to, { resume: true, dryRun: true })).toMatchObject({ copied: 0, skipped: 12 });
});

test("one failure keeps none of the others, and names its key", async () => {
  const { from } = await filled(5);
  const driver = new MapDriver();
  driver.onRequest = ({ method, key }) => {
    if (method === "write" && key === "k2") throw new ServiceFailure("PermissionDenied");
  };
  const { copied, failed } = await transfer(from, new Backend(driver));
  expect(copied).toBe(4);
  expect(failed).toMatchObject([{ key: "k2", error: { code: "PermissionDenied", key: "k2" } }]);
});

test("verify finds other bytes", async () => {
  const { from } = await filled(2);
  const driver = new MapDriver();
  driver.bodyOf = (bytes) => ({ stream: pieces(bytes.map((byte) => byte ^ 1)) });
  const { copied, failed } = await transfer(from, new Backend(driver), { verify: true });
  expect(copied).toBe(0);
  expect(failed).toMatchObject([
    { key: "k0", error: { code: "Integrity", key: "k0" } },
    { key: "k1", error: { code: "Integrity", key: "k1" } },
  ]);
});

test("an abort rejects, and concurrency is kept", async () => {
  const { from } = await filled(30);
  const driver = new MapDriver();
  let now = 0;
  let peak = 0;
  const controller = new AbortController();
  driver.onRequest = async ({ method }) => {
    if (method !== "write") return;
    peak = Math.max(peak, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
    if (driver.count("write") === 9) controller.abort();
  };
  const moving = transfer(from, new Backend(driver), { concurrency: 3, signal: controller.signal });
  expect((await failure(moving, "Aborted")).operation).toBe("transfer");
  expect(peak).toBe(3);
  expect(driver.count("write")).toBeLessThan(13);
});

test("options are checked, and a listing that fails rejects", async () => {
  const { from, driver } = await filled(1);
  const to = new Backend(new MapDriver());
  await failure(transfer(from, to, { concurency: 3 } as object), "InvalidArgument");
  await failure(transfer(from, to, { concurrency: 0 }), "InvalidArgument");
  driver.onRequest = () => {
    throw new ServiceFailure("PermissionDenied");
  };
  await failure(transfer(from, to), "PermissionDenied");
});

test("goes between any two backends, views included", async () => {
  const { from, driver } = await filled(3);
  await transfer(from, withPrefix(from, "copy/"), { prefix: "k" });
  expect([...driver.objects.keys()].sort()).toEqual(["copy/k0", "copy/k1", "copy/k2", "k0", "k1", "k2"]);
});

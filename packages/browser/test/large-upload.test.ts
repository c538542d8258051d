// As large as what users lose most time with: straight from a page to a bucket, over a network that breaks.
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { SignedUpload } from "@storage/core";
import { FaultProxy, type SeenRequest } from "@storage/testing/faults";
import { expect, onTestFinished, test, vi } from "vitest";
import { openBrowser } from "../../../examples/upload-app/browser.ts";
import { available } from "../../../scripts/requirements.ts";
import { withBucket } from "../../s3/test/buckets.ts";
import { folder, startSite } from "./site.ts";
import { cancel, openUploader, pendingIn, rememberedIn, uploaded } from "./uploads.ts";

const mebibyte = 1024 * 1024;
const size = 1024 * mebibyte;
const partSize = 8 * mebibyte;
const count = size / partSize;
const patient = { timeout: 60_000 };

/** Zeros, and at the start of each part its number: it takes next to no place on the disk. */
async function largeFile(): Promise<string> {
  const path = join(folder(), "large.bin");
  const file = await open(path, "w");
  await file.truncate(size);
  for (let part = 0; part < count; part++) await file.write(mark(part), 0, 8, part * partSize);
  await file.close();
  return path;
}

const mark = (part: number): Buffer => Buffer.from(String(part + 1).padStart(8));

const isPart = ({ method, path }: SeenRequest): boolean => method === "PUT" && path.includes("partNumber");

const canRun = available("chromium") && available("minio");

test.skipIf(!canRun)(
  "1 GiB survives a broken part and a reload; another one is cancelled",
  async () => {
    const { origin } = await startSite(() => undefined);
    const direct = await withBucket("minio");
    onTestFinished(direct.dispose);
    const proxy = await FaultProxy.start({ target: direct.options.endpoint ?? "" });
    onTestFinished(() => proxy.close());
    const { backend, dispose } = await withBucket("minio", { endpoint: proxy.url });
    onTestFinished(dispose);
    onTestFinished(() => backend.close());
    const browser = await openBrowser();
    onTestFinished(() => browser[Symbol.asyncDispose]());
    const page = await browser.context.newPage();
    const path = await largeFile();
    const file = { size };

    const there = (): number => proxy.requests.filter((seen) => isPart(seen) && seen.status === 200).length;
    const signed = (key: string): Promise<SignedUpload> => backend.getUploadUrl(key, { parts: true, size });
    const pick = async (): Promise<void> => {
      await openUploader(page, origin);
      await page.locator("input").setInputFiles(path);
    };

    await pick();
    const links = await signed("large.bin");
    expect(links.parts?.urls).toHaveLength(count);
    proxy.plan({ kind: "reset", at: { upload: mebibyte } }, { match: isPart, nth: 10 });
    const interrupted = uploaded(page, links, file).catch(() => undefined);
    await vi.waitFor(() => expect(there()).toBeGreaterThan(40), patient);
    await pick();
    await interrupted;

    const { result, progress } = await uploaded(page, await pendingIn(page, file), file);
    expect(result?.size).toBe(size);
    expect(progress[0]?.loaded).toBeGreaterThanOrEqual(40 * partSize - 4 * partSize);
    expect(progress.at(-1)).toEqual({ loaded: size, total: size });
    const loaded = progress.map((seen) => seen.loaded);
    expect(loaded).toEqual([...new Set(loaded)].toSorted((a, b) => a - b));
    // One was broken off, and four were under way when the page was loaded again.
    expect(proxy.requests.filter(isPart).length).toBeLessThanOrEqual(count + 1 + 4);
    expect((await backend.getMetadata("large.bin")).size).toBe(size);
    for (let part = 0; part < count; part++) {
      const range = { start: part * partSize, end: part * partSize + 8 };
      expect(Buffer.from(await backend.get("large.bin", { range }))).toEqual(mark(part));
    }

    const before = there();
    const cancelled = uploaded(page, await signed("cancelled.bin"), file);
    await vi.waitFor(() => expect(there()).toBeGreaterThan(before + 10), patient);
    await cancel(page, "enough");
    expect((await cancelled).error).toMatchObject({ message: "enough" });
    expect(proxy.requests.filter(({ method }) => method === "DELETE")).toMatchObject([{ status: 204 }]);
    expect((await backend.sweep({ olderThan: 0 })).removed).toBe(0);
    expect(await backend.listKeys()).toEqual(["large.bin"]);
    expect(await rememberedIn(page)).toBe(0);
  },
  180_000,
);

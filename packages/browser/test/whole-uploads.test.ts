import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SignedUpload, StorageBackend } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { MemoryBackend } from "@storage/memory";
import { FaultProxy } from "@storage/testing/faults";
import type { Page } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import type { S3ServiceName } from "../../../scripts/s3-service.ts";
import { type Bucket, withBucket } from "../../s3/test/buckets.ts";
import { letPagesIn } from "../../s3/test/let-pages-in.ts";
import { folder, pattern, secret, startSite } from "./site.ts";
import { uploaded, withPages } from "./uploads.ts";

const backends: readonly (readonly [string, (baseUrl: string) => StorageBackend])[] = [
  ["memory", (baseUrl) => new MemoryBackend({ baseUrl, secret })],
  ["local", (baseUrl) => new LocalBackend({ basePath: folder(), baseUrl, secret, durability: "none" })],
];

const size = 3_000_000;

describe.skipIf(!available("chromium"))("a whole file, by a page", () => {
  const pageAt = withPages();

  describe.each(backends)("to %s", (_name, make) => {
    test("a PUT stores the file, and tells its progress to the end", async () => {
      const { origin, backend } = await startSite(make);
      const page = await pageAt(origin);
      const signed = await backend.getUploadUrl("a.bin", { contentType: "image/png", size });
      const { result, progress } = await uploaded(page, signed, { size, type: "text/plain" });
      const { etag, contentType } = await backend.getMetadata("a.bin");
      expect(result).toEqual({ size, etag });
      expect(contentType).toBe("image/png");
      expect(Buffer.compare(await backend.get("a.bin"), pattern(size))).toBe(0);
      const loaded = progress.map((seen) => seen.loaded);
      expect(loaded).toEqual([...new Set(loaded)].toSorted((a, b) => a - b));
      expect(progress.at(-1)).toEqual({ loaded: size, total: size });
    });

    test("an empty file is stored", async () => {
      const { origin, backend } = await startSite(make);
      const page = await pageAt(origin);
      const { result, progress } = await uploaded(page, await backend.getUploadUrl("empty"), { size: 0 });
      expect(result?.size).toBe(0);
      expect((await backend.getMetadata("empty")).size).toBe(0);
      expect(progress).toEqual([{ loaded: 0, total: 0 }]);
    });

    test("a refusal comes at once, in the words of the server", async () => {
      const { origin, backend } = await startSite(make);
      const page = await pageAt(origin);
      const signed = await backend.getUploadUrl("a.bin", { maxBytes: 10 });
      const { error, progress } = await uploaded(page, signed, { size: 11 });
      expect(error).toMatchObject({ name: "UploadError", status: 413, code: "TooLarge", retryable: false });
      expect(error).toMatchObject({ message: "The file is too large.", outcome: "not-applied" });
      expect(progress.filter(({ loaded, total }) => loaded >= total)).toEqual([]);
    });

    test("a link that has expired is a message for users", async () => {
      const { origin, backend } = await startSite(make);
      const page = await pageAt(origin);
      const signed = await backend.getUploadUrl("a.bin", { expiresIn: 1 });
      await page.waitForTimeout(2000);
      const { error } = await uploaded(page, signed, { size: 3 });
      expect(error).toMatchObject({
        status: 403,
        code: "PermissionDenied",
        message: "The link has expired.",
      });
    });
  });

  describe("over a network that breaks", () => {
    async function broken(): Promise<{
      page: Page;
      proxy: FaultProxy;
      signed: SignedUpload;
      backend: MemoryBackend;
    }> {
      const { origin, backend } = await startSite((baseUrl) => new MemoryBackend({ baseUrl, secret }));
      const proxy = await FaultProxy.start({ target: origin });
      onTestFinished(() => proxy.close());
      const page = await pageAt(proxy.url);
      const { url, ...others } = await backend.getUploadUrl("a.bin", { ifNoneMatch: "*" });
      return { page, proxy, backend, signed: { ...others, url: url.replace(origin, proxy.url) } };
    }
    const puts = (proxy: FaultProxy) => proxy.requests.filter(({ method }) => method === "PUT");
    const isPut = ({ method }: { readonly method: string }): boolean => method === "PUT";

    test("a PUT that breaks off is sent again", async () => {
      const { page, proxy, signed, backend } = await broken();
      proxy.plan({ kind: "reset", at: { upload: 1_000_000 } }, { match: isPut });
      const { result, progress } = await uploaded(page, signed, { size });
      expect(result?.size).toBe(size);
      expect((await backend.getMetadata("a.bin")).size).toBe(size);
      expect(puts(proxy)).toHaveLength(2);
      const loaded = progress.map((seen) => seen.loaded);
      expect(loaded).toEqual([...new Set(loaded)].toSorted((a, b) => a - b));
    });

    test.each([408, 429, 500, 503])("status %i is tried again", async (status) => {
      const { page, proxy, signed } = await broken();
      proxy.plan({ kind: "answer", status, retryAfter: 0 }, { match: isPut });
      expect((await uploaded(page, signed, { size: 3 })).result?.size).toBe(3);
      expect(puts(proxy).map((request) => request.status)).toEqual([status, 201]);
    });

    test.each([400, 501, 507])("status %i is final", async (status) => {
      const { page, proxy, signed } = await broken();
      proxy.plan({ kind: "answer", status }, { match: isPut });
      const { error } = await uploaded(page, signed, { size: 3 });
      expect(error).toMatchObject({ status, code: "Unknown", retryable: false, outcome: "not-applied" });
      expect(error?.message).toBe(`The server answered with status ${status}.`);
      expect(puts(proxy)).toHaveLength(1);
    });

    test("after four times it gives up, and says that it may be tried again", async () => {
      const { page, proxy, signed } = await broken();
      proxy.plan({ kind: "reset", at: "head" }, { match: isPut, times: Infinity });
      const { error } = await uploaded(page, signed, { size: 3 });
      expect(error).toMatchObject({ code: "Unavailable", retryable: true, outcome: "unknown" });
      expect(error?.message).toMatch(/^The server can't be reached/);
      expect(error?.status).toBeUndefined();
    });

    test("a server that wants minutes is not waited for", async () => {
      const { page, proxy, signed } = await broken();
      proxy.plan({ kind: "answer", status: 503, retryAfter: 120 }, { match: isPut });
      const { error } = await uploaded(page, signed, { size: 3 });
      expect(error).toMatchObject({ status: 503, retryable: true });
      expect(puts(proxy)).toHaveLength(1);
    });

    test("a file that is changed meanwhile is named as the reason", async () => {
      const { page, signed, backend } = await broken();
      const path = join(folder(), "changing.bin");
      writeFileSync(path, "before");
      await page.locator("input").setInputFiles(path);
      writeFileSync(path, "and after");
      const { error } = await uploaded(page, signed, { size });
      expect(error).toMatchObject({ code: "SourceFailed", retryable: false, outcome: "not-applied" });
      expect(error?.message).toBe("The file can't be read: it was changed or removed meanwhile.");
      expect(await backend.exists("a.bin")).toBe(false);
    });

    test("a refusal after a lost answer is no proof that nothing is stored", async () => {
      const { page, proxy, signed, backend } = await broken();
      proxy.plan({ kind: "answer", status: 503, passOn: true }, { match: isPut });
      const { error } = await uploaded(page, signed, { size: 3 });
      expect(error).toMatchObject({ status: 412, code: "PreconditionFailed", outcome: "unknown" });
      expect(error?.message).toMatch(/An earlier answer was lost: the file may be stored\.$/);
      expect(await backend.exists("a.bin")).toBe(true);
    });

    test("nor is one after a retry of the browser's own, which nobody is told of", async () => {
      const { page, proxy, signed, backend } = await broken();
      proxy.plan({ kind: "lost-reply" }, { match: isPut });
      const { error } = await uploaded(page, signed, { size: 3 });
      expect(error).toMatchObject({ status: 412, outcome: "unknown" });
      expect(await backend.exists("a.bin")).toBe(true);
    });
  });

  const servers = ["minio", "radosgw"] as const satisfies readonly S3ServiceName[];
  describe.each(servers)("to a bucket of another origin, on %s", (server) => {
    const here = test.skipIf(!available(server));

    async function bucketFor(): Promise<{ bucket: Bucket; page: Page; origin: string }> {
      const { origin } = await startSite(() => undefined);
      const bucket = await withBucket(server);
      onTestFinished(bucket.dispose);
      if (server !== "minio") await letPagesIn(bucket, origin);
      return { bucket, page: await pageAt(origin), origin };
    }

    here("a PUT stores the file", async () => {
      const { bucket, page } = await bucketFor();
      const signed = await bucket.backend.getUploadUrl("a.bin", { contentType: "image/png", size });
      const { result } = await uploaded(page, signed, { size });
      const { etag, contentType } = await bucket.backend.getMetadata("a.bin");
      expect(contentType).toBe("image/png");
      expect(result).toEqual({ size, etag });
    });

    test.skipIf(server !== "radosgw" || !available(server))(
      "a bucket that hides etags is told so, before anything is stored",
      async () => {
        const { bucket, page, origin } = await bucketFor();
        await letPagesIn(bucket, origin, []);
        const signed = await bucket.backend.getUploadUrl("a.bin", { parts: true, size });
        const { error } = await uploaded(page, signed, { size });
        expect(error).toMatchObject({ code: "Configuration", retryable: false, outcome: "not-applied" });
        expect(error?.message).toContain("add ETag to ExposeHeaders in the CORS settings of the bucket");
        expect(await bucket.backend.exists("a.bin")).toBe(false);
      },
    );

    // Ceph lets no page read that a link is not valid: there it looks as if nobody answers.
    test.skipIf(server !== "minio" || !available(server))(
      "a link that has expired is a message",
      async () => {
        const { bucket, page } = await bucketFor();
        const signed = await bucket.backend.getUploadUrl("a.bin", { expiresIn: 1 });
        await page.waitForTimeout(2000);
        const { error } = await uploaded(page, signed, { size: 3 });
        expect(error).toMatchObject({ status: 403, code: "AccessDenied", message: "Request has expired" });
      },
    );

    here("a form stores the file", async () => {
      const { bucket, page } = await bucketFor();
      const terms = { method: "POST", contentType: "image/png", maxBytes: size } as const;
      const signed = await bucket.backend.getUploadUrl("a.bin", terms);
      const { result, progress } = await uploaded(page, signed, { size });
      expect(result?.size).toBe(size);
      expect((await bucket.backend.getMetadata("a.bin")).contentType).toBe("image/png");
      expect(Buffer.compare(await bucket.backend.get("a.bin"), pattern(size))).toBe(0);
      expect(progress.at(-1)).toEqual({ loaded: size, total: size });
      const { error } = await uploaded(page, signed, { size: size + 1 });
      expect(error).toMatchObject({ status: 400, code: "EntityTooLarge", retryable: false });
    });
  });
});

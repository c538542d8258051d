// Links of three servers, in the hands of a page of another origin: Chromium, with its own idea of a URL.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import type { SignedUpload } from "@storage/core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, openBrowser } from "../../../examples/upload-app/browser.ts";
import { available } from "../../../scripts/requirements.ts";
import type { S3ServiceName as ServerName } from "../../../scripts/s3-service.ts";
import { signedIfSupported } from "../../testing/src/signed-uploads.ts";
import { type Bucket, withBucket } from "./buckets.ts";
import { letPagesIn } from "./let-pages-in.ts";
import { eachOf, legalKeys } from "./samples.ts";

interface Site extends AsyncDisposable {
  readonly origin: string;
}

const html = `<!doctype html><title>links</title>
<script type="module">
  import { get, upload } from "./uploader.js";
  Object.assign(globalThis, { links: { get, upload } });
</script>`;

/** An application's own server, which only serves the page. */
async function startSite(): Promise<Site> {
  const script = await readFile(join(import.meta.dirname, "page/uploader.js"));
  const server = createServer(({ url }, response) => {
    const isScript = url === "/uploader.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    origin: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Links {
  get(url: string): Promise<string | number>;
  upload(signed: SignedUpload, file: Blob): Promise<number>;
}

const got = (page: Page, url: string): Promise<string | number> =>
  page.evaluate((link) => (Reflect.get(globalThis, "links") as Links).get(link), url);

const uploaded = (page: Page, signed: SignedUpload, text: string): Promise<number> =>
  page.evaluate(
    ([upload, content]) => (Reflect.get(globalThis, "links") as Links).upload(upload, new Blob([content])),
    [signed, text] as const,
  );

function opens(server: ServerName): void {
  let browser: Browser;
  let site: Site;
  let bucket: Bucket;
  let page: Page;
  beforeAll(async () => {
    site = await startSite();
    bucket = await withBucket(server);
    if (server !== "minio") await letPagesIn(bucket, site.origin);
    browser = await openBrowser();
    page = await browser.context.newPage();
    await page.goto(site.origin);
    await page.waitForFunction(() => "links" in globalThis);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
    await bucket.dispose();
  });

  const textAt = async (key: string): Promise<string> =>
    Buffer.from(await bucket.backend.get(key)).toString();

  test("a page reads every legal key by its link", async () => {
    await eachOf(legalKeys, async (key) => {
      await bucket.backend.put(key, `got ${key}`);
      expect(await got(page, await bucket.backend.getUrl(key)), key).toBe(`got ${key}`);
    });
  });

  test("a page PUTs every legal key", async () => {
    await eachOf(legalKeys, async (key) => {
      const options = {
        contentType: "text/plain",
        size: Buffer.byteLength(`put ${key}`),
        metadata: { note: "Grüße" },
      };
      const upload = await bucket.backend.getUploadUrl(key, options);
      expect(await uploaded(page, upload, `put ${key}`), key).toBe(200);
      expect(await textAt(key), key).toBe(`put ${key}`);
      expect(await bucket.backend.getMetadata(key), key).toMatchObject({
        contentType: "text/plain",
        metadata: { note: "Grüße" },
      });
    });
  });

  test("a page POSTs every legal key that its service has a form for", async () => {
    await eachOf(legalKeys, async (key) => {
      const options = { method: "POST" as const, contentType: "text/plain", maxBytes: 2000 };
      const upload = await signedIfSupported(bucket, options, key);
      if (upload === undefined) return expect([server, key.trim() === key]).toEqual(["radosgw", false]);
      expect(await uploaded(page, upload, `posted ${key}`), key).toBe(204);
      expect(await textAt(key), key).toBe(`posted ${key}`);
    });
  });

  test("a page uploads every legal key in parts", async () => {
    await eachOf(legalKeys, async (key) => {
      const text = `parts of ${key}`;
      const upload = await bucket.backend.getUploadUrl(key, { parts: true, size: Buffer.byteLength(text) });
      expect(await uploaded(page, upload, text), key).toBe(200);
      expect(await textAt(key), key).toBe(text);
    });
  });

  test("a page uploads a large file in several parts", async () => {
    const text = "0123456789abcdef".repeat(1_100_000);
    const upload = await bucket.backend.getUploadUrl("large", { parts: true, size: text.length });
    expect(upload.parts?.urls.length).toBe(3);
    expect(await uploaded(page, upload, text)).toBe(200);
    const digest = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
    expect(digest(await bucket.backend.get("large"))).toBe(digest(text));
  });

  /** Ceph lets no page read that a signature does not fit: `fetch` fails, as where nobody answers. */
  async function isForged(signed: SignedUpload, text: string): Promise<void> {
    const sending = uploaded(page, signed, text);
    if (server === "radosgw") await expect(sending).rejects.toThrow("Failed to fetch");
    else expect(await sending).toBe(403);
  }

  test("a page sends a signed checksum, where the service looks at it", async () => {
    const sha256 = createHash("sha256").update("right").digest("hex");
    const upload = await signedIfSupported(bucket, { checksum: { sha256 } }, "checked");
    if (upload === undefined) return expect(server).toBe("radosgw");
    expect(await uploaded(page, upload, "wrong")).toBe(400);
    expect(await uploaded(page, upload, "right")).toBe(200);
  });

  test("a page sends a signed condition, where the service keeps it", async () => {
    const upload = await signedIfSupported(bucket, { ifNoneMatch: "*" }, "once");
    if (upload === undefined) return expect(server).toBe("versitygw");
    expect(await uploaded(page, upload, "first")).toBe(200);
    expect(await uploaded(page, upload, "second")).toBe(412);
    expect(await textAt("once")).toBe("first");
  });

  test("a page is refused what its link was not signed for", async () => {
    const upload = await bucket.backend.getUploadUrl("forged", { contentType: "text/plain", size: 4 });
    const typed = { ...upload, headers: { ...upload.headers, "content-type": "text/html" } };
    await isForged(typed, "four");
    await isForged(upload, "fivef");
    await isForged({ ...upload, url: upload.url.replace("/forged?", "/forged-too?") }, "four");
    expect(await bucket.backend.listKeys({ prefix: "forged" })).toEqual([]);
  });
}

const canShow = available("chromium");
describe.skipIf(!canShow || !available("minio"))("minio and chromium", () => opens("minio"));
describe.skipIf(!canShow || !available("radosgw"))("radosgw and chromium", () => opens("radosgw"));
describe.skipIf(!canShow || !available("versitygw"))("versitygw and chromium", () => opens("versitygw"));

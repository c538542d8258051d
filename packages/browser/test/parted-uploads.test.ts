import { createHash } from "node:crypto";
import type { SignedUpload, StorageBackend } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { MemoryBackend } from "@storage/memory";
import { FaultProxy, type SeenRequest } from "@storage/testing/faults";
import type { Page } from "playwright-core";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import type { S3ServiceName } from "../../../scripts/s3-service.ts";
import { withBucket } from "../../s3/test/buckets.ts";
import { letPagesIn } from "../../s3/test/let-pages-in.ts";
import { folder, pattern, secret, startSite } from "./site.ts";
import { cancel, openUploader, pendingIn, rememberedIn, uploaded, withPages } from "./uploads.ts";

const mebibyte = 1024 * 1024;
/** Five parts on S3, as these buckets are set. */
const size = 22 * mebibyte;
const file = { size, name: "film.mp4" };
const one = { concurrency: 1 };
/** Browsers are slow where many tests run at once. */
const patient = { timeout: 20_000 };

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

interface Place {
  readonly backend: StorageBackend;
  /** Everything goes through it; links are signed for it. */
  readonly proxy: FaultProxy;
  readonly origin: string;
}

async function ofS3(server: S3ServiceName): Promise<Place> {
  const { origin } = await startSite(() => undefined);
  const direct = await withBucket(server);
  const proxy = await FaultProxy.start({ target: direct.options.endpoint ?? "" });
  const { backend, options, dispose } = await withBucket(server, {
    endpoint: proxy.url,
    partSize: 5 * mebibyte,
  });
  onTestFinished(async () => {
    await backend.close();
    await proxy.close();
    await Promise.all([dispose(), direct.dispose()]);
  });
  if (server !== "minio") await letPagesIn({ backend, options }, origin);
  return { backend, proxy, origin };
}

type Make = (options: { readonly baseUrl: string; readonly secret: string }) => StorageBackend;

/** The page is served through the proxy, too: our own handlers answer pages of their own origin. */
async function ofOurs(make: Make): Promise<Place> {
  const { origin, backend } = await startSite((baseUrl) => make({ baseUrl, secret }));
  const proxy = await FaultProxy.start({ target: origin });
  onTestFinished(() => proxy.close());
  return { backend, proxy, origin: proxy.url };
}

/** Links of our own stand for any host that leads to the backend. */
function throughProxy({ proxy, origin }: Place, signed: SignedUpload): SignedUpload {
  if (origin !== proxy.url) return signed;
  const moved = (url: string): string => new URL(url.replace(/^http:\/\/[^/]+/, proxy.url)).href;
  const { parts } = signed;
  return {
    ...signed,
    url: moved(signed.url),
    parts: parts && {
      ...parts,
      urls: parts.urls.map(moved),
      completeUrl: moved(parts.completeUrl),
      abortUrl: moved(parts.abortUrl),
    },
  };
}

const memory: Make = (options) => new MemoryBackend(options);
const local: Make = (options) => new LocalBackend({ ...options, basePath: folder(), durability: "none" });

const hasParts = (make: Make): boolean =>
  make({ baseUrl: "http://127.0.0.1/files", secret }).capabilities.uploadParts;

const places: readonly (readonly [string, boolean, () => Promise<Place>])[] = [
  ["minio", available("minio"), () => ofS3("minio")],
  ["radosgw", available("radosgw"), () => ofS3("radosgw")],
  ["memory", hasParts(memory), () => ofOurs(memory)],
  ["local", hasParts((options) => new LocalBackend({ ...options, basePath: "." })), () => ofOurs(local)],
];

/** Settings of the bucket are PUT, too. */
const isPart = ({ method, path }: SeenRequest): boolean => method === "PUT" && path.includes("film.mp4");
const canShow = available("chromium");
const isEnd = ({ method }: SeenRequest): boolean => method === "POST";
const partsSeen = ({ proxy }: Place): readonly SeenRequest[] => proxy.requests.filter(isPart);

describe.skipIf(!canShow).each(places)("a file in parts, by a page, to %s", (name, isHere, make) => {
  const here = test.skipIf(!isHere);
  const pageAt = withPages();

  interface Begun extends Place {
    readonly page: Page;
    readonly signed: SignedUpload;
    readonly count: number;
  }

  async function begun(bytes: number = size): Promise<Begun> {
    const place = await make();
    const terms = { parts: true, size: bytes, contentType: "video/mp4" };
    const signed = throughProxy(place, await place.backend.getUploadUrl("film.mp4", terms));
    const page = await pageAt(place.origin);
    return { ...place, page, signed, count: signed.parts?.urls.length ?? 0 };
  }

  /** Stalls the nth part from now on, and waits for it: those before it are there. */
  async function stalledAt({ proxy }: Place, nth: number): Promise<void> {
    const plan = proxy.plan({ kind: "stall", at: "head" }, { match: isPart, nth });
    await vi.waitFor(() => expect(plan.met).toBe(1), patient);
  }

  async function isStored({ backend }: Place): Promise<void> {
    expect((await backend.getMetadata("film.mp4")).contentType).toBe("video/mp4");
    expect(sha256(await backend.get("film.mp4"))).toBe(sha256(pattern(size)));
  }

  here("is stored, and its progress never goes back", async () => {
    const upload = await begun();
    const network = await upload.page.context().newCDPSession(upload.page);
    const others = { offline: false, latency: 0, downloadThroughput: -1 };
    // So that there is something to tell.
    await network.send("Network.emulateNetworkConditions", { ...others, uploadThroughput: 20 * mebibyte });
    const { result, progress } = await uploaded(upload.page, upload.signed, file);
    await isStored(upload);
    const { etag } = await upload.backend.getMetadata("film.mp4");
    // Ceph 16 says the end of an upload without its etag.
    expect(result).toEqual({ size, etag: name === "radosgw" ? undefined : etag });
    expect(partsSeen(upload)).toHaveLength(upload.count);
    const loaded = progress.map((seen) => seen.loaded);
    expect(loaded.length).toBeGreaterThan(upload.count);
    expect(loaded).toEqual([...new Set(loaded)].toSorted((a, b) => a - b));
    expect(progress.at(-1)).toEqual({ loaded: size, total: size });
    expect(await rememberedIn(upload.page)).toBe(0);
  });

  here("of no bytes is stored", async () => {
    const upload = await begun(0);
    const { result, progress } = await uploaded(upload.page, upload.signed, { size: 0 });
    expect(result?.size).toBe(0);
    expect(progress).toEqual([{ loaded: 0, total: 0 }]);
    expect((await upload.backend.getMetadata("film.mp4")).size).toBe(0);
  });

  here("of another size than was signed is not begun", async () => {
    const upload = await begun();
    const { error } = await uploaded(upload.page, upload.signed, { size: 3 });
    expect(error).toMatchObject({ code: "InvalidArgument", outcome: "not-applied" });
    expect(partsSeen(upload)).toEqual([]);
  });

  here("of which one part breaks off is stored, and only that part is sent again", async () => {
    const upload = await begun();
    upload.proxy.plan({ kind: "reset", at: { upload: mebibyte } }, { match: isPart, nth: 2 });
    const { result, progress } = await uploaded(upload.page, upload.signed, file);
    expect(result?.size).toBe(size);
    await isStored(upload);
    expect(partsSeen(upload)).toHaveLength(upload.count + 1);
    const loaded = progress.map((seen) => seen.loaded);
    expect(loaded).toEqual([...new Set(loaded)].toSorted((a, b) => a - b));
  });

  here("goes on after a reload with the parts that are missing", async () => {
    const upload = await begun();
    const { page, signed } = upload;
    const interrupted = uploaded(page, signed, file, one).catch(() => undefined);
    await stalledAt(upload, upload.count);
    await openUploader(page, upload.origin);
    await interrupted;
    const seen = partsSeen(upload).length;
    expect(upload.proxy.requests.filter(({ method }) => method === "DELETE")).toEqual([]);
    const pending = await pendingIn(page, file);
    expect(pending?.parts).toEqual(signed.parts);
    const { result, progress } = await uploaded(page, pending, file);
    expect(result?.size).toBe(size);
    await isStored(upload);
    expect(partsSeen(upload)).toHaveLength(seen + 1);
    expect(progress[0]?.loaded).toBeGreaterThan(0);
    expect(await pendingIn(page, file)).toBeUndefined();
    expect(await rememberedIn(page)).toBe(0);
  });

  here("is another one with another time, size, name or scope", async () => {
    const upload = await begun();
    const { page, signed } = upload;
    const interrupted = uploaded(page, signed, file, { ...one, scope: "ada" }).catch(() => undefined);
    await stalledAt(upload, 2);
    await openUploader(page, upload.origin);
    await interrupted;
    expect((await pendingIn(page, file, "ada"))?.url).toBe(signed.url);
    expect(await pendingIn(page, file)).toBeUndefined();
    expect(await pendingIn(page, { ...file, lastModified: 1e12 + 1 }, "ada")).toBeUndefined();
    expect(await pendingIn(page, { ...file, size: size - 1 }, "ada")).toBeUndefined();
    expect(await pendingIn(page, { ...file, name: "other.mp4" }, "ada")).toBeUndefined();
  });

  here("that failed goes on when it is sent again", async () => {
    const upload = await begun();
    const { page, proxy, signed } = upload;
    const outage = {
      kind: "answer",
      status: 503,
      headers: { "access-control-allow-origin": "*" },
    } as const;
    const plan = proxy.plan(outage, { match: isPart, nth: upload.count, times: Number.POSITIVE_INFINITY });
    const { error } = await uploaded(page, signed, file, one);
    expect(error).toMatchObject({ status: 503, retryable: true, outcome: "not-applied" });
    plan.cancel();
    const seen = partsSeen(upload).length;
    const { result } = await uploaded(page, await pendingIn(page, file), file);
    expect(result?.size).toBe(size);
    expect(partsSeen(upload)).toHaveLength(seen + 1);
    await isStored(upload);
  });

  here("that is cancelled leaves nothing in the browser and nothing on the server", async () => {
    const upload = await begun();
    const { page, proxy, signed, backend } = upload;
    const cancelled = uploaded(page, signed, file, one);
    await stalledAt(upload, 3);
    await cancel(page, "the user has changed his mind");
    expect((await cancelled).error).toMatchObject({
      name: "Error",
      message: "the user has changed his mind",
    });
    const ends = proxy.requests.filter(({ method }) => method === "DELETE");
    expect(ends.map(({ status }) => status)).toEqual([204]);
    expect(await rememberedIn(page)).toBe(0);
    const seen = proxy.requests.length;
    expect(await backend.exists("film.mp4")).toBe(false);
    // Our own handlers keep the mark of an upload that was given up, so that no part comes after it.
    const marks = backend.signer === undefined ? 0 : 1;
    expect((await backend.sweep({ olderThan: 0 })).removed).toBe(marks);
    expect(partsSeen(upload)).toHaveLength(3);
    expect(proxy.requests.slice(seen).filter(isPart)).toEqual([]);
  });

  here("that was given up elsewhere is forgotten, and nothing is stored", async () => {
    const upload = await begun();
    const { page, signed, backend } = upload;
    await fetch(signed.parts?.abortUrl ?? "", { method: "DELETE" });
    const { error } = await uploaded(page, signed, file);
    expect(error).toMatchObject({ status: 404, retryable: false, outcome: "unknown" });
    expect(await rememberedIn(page)).toBe(0);
    expect(await backend.exists("film.mp4")).toBe(false);
  });

  here("is stored although the end is answered with an error in a 200", async () => {
    const upload = await begun();
    const body = "<Error><Code>InternalError</Code><Message>Please try again.</Message></Error>";
    const headers = { "access-control-allow-origin": "*", "retry-after": "0" };
    const plan = upload.proxy.plan({ kind: "answer", status: 200, body, headers }, { match: isEnd });
    const { result } = await uploaded(upload.page, upload.signed, file);
    expect(plan.met).toBe(1);
    expect(result?.size).toBe(size);
    await isStored(upload);
  });

  here("whose last answer was lost is stored, and nobody says that it is not", async () => {
    const upload = await begun();
    const headers = { "access-control-allow-origin": "*", "retry-after": "0" };
    upload.proxy.plan({ kind: "answer", status: 502, passOn: true, headers }, { match: isEnd });
    const { result, error } = await uploaded(upload.page, upload.signed, file);
    if (error) expect(error).toMatchObject({ status: 404, outcome: "unknown" });
    else expect(result?.size).toBe(size);
    await isStored(upload);
    expect(await rememberedIn(upload.page)).toBe(0);
  });

  here("is whole when two tabs send it at once", async () => {
    const upload = await begun();
    const { page, proxy, signed } = upload;
    const first = uploaded(page, signed, file, one);
    await stalledAt(upload, 3);
    const other = await pageAt(upload.origin);
    const second = await uploaded(other, await pendingIn(other, file), file);
    expect(second.result?.size).toBe(size);
    await isStored(upload);
    proxy.disconnect();
    expect((await first).error).toMatchObject({ status: 404, outcome: "unknown" });
    await isStored(upload);
    expect(await rememberedIn(page)).toBe(0);
  });

  here("is stored where localStorage is full", async () => {
    const upload = await begun();
    await upload.page.evaluate(() => {
      for (let length = 5 * 1024 * 1024; length > 0; length = Math.floor(length / 2)) {
        try {
          localStorage.setItem(`full ${length}`, "x".repeat(length));
        } catch {
          // Half as much may fit.
        }
      }
    });
    expect((await uploaded(upload.page, upload.signed, file)).result?.size).toBe(size);
    await isStored(upload);
  });

  here("is stored where there is no localStorage", async () => {
    const upload = await begun();
    await upload.page.evaluate(() => {
      const get = (): never => {
        throw new DOMException("switched off", "SecurityError");
      };
      Object.defineProperty(globalThis, "localStorage", { get });
    });
    expect((await uploaded(upload.page, upload.signed, file)).result?.size).toBe(size);
    await isStored(upload);
  });

  here("is not remembered where the page does not want it", async () => {
    const upload = await begun();
    const sending = uploaded(upload.page, upload.signed, file, { ...one, remember: false });
    await stalledAt(upload, 3);
    expect(await rememberedIn(upload.page)).toBe(0);
    upload.proxy.disconnect();
    expect((await sending).result?.size).toBe(size);
  });
});

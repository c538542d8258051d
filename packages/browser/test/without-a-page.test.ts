// Node has no XMLHttpRequest and no localStorage: what is left is the same.
import { getEventListeners } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { MemoryBackend } from "@storage/memory";
import { expect, test, vi } from "vitest";
import { pendingUpload, type SignedUpload, UploadError, upload } from "../src/index.ts";
import { listening, pattern, secret, startSite } from "./site.ts";

/** A service that takes parts, as S3 does; what it answers to a part is for the test. */
async function service(
  onPart: RequestListener,
): Promise<{ signed: SignedUpload; seen: string[]; ended: string[] }> {
  const seen: string[] = [];
  const ended: string[] = [];
  const server = createServer((request, response) => {
    const { method, url } = request;
    seen.push(`${method} ${url}`);
    if (method === "PUT") return onPart(request, response);
    void textOf(request).then((text) => {
      ended.push(text);
      response.end(
        "<CompleteMultipartUploadResult><ETag>&quot;whole-4&quot;</ETag></CompleteMultipartUploadResult>",
      );
    });
  });
  const origin = await listening(server);
  const urls = [1, 2, 3, 4].map((part) => `${origin}/${part}`);
  const parts = { partSize: 10, urls, completeUrl: `${origin}/complete`, abortUrl: `${origin}/abort` };
  const expiresAt = new Date(Date.now() + 3_600_000);
  return { seen, ended, signed: { method: "PUT", url: `${origin}/`, headers: {}, expiresAt, parts } };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

const file = new File([pattern(35)], "a.bin");

test("a file is stored, and its progress is told", async () => {
  const { backend } = await startSite((baseUrl) => new MemoryBackend({ baseUrl, secret }));
  const seen: unknown[] = [];
  const signed = await backend.getUploadUrl("a.bin", { contentType: "image/png", size: 35 });
  const onProgress = (progress: unknown): number => seen.push(progress);
  const result = await upload(signed, file, { onProgress });
  expect(result).toEqual({ size: 35, etag: (await backend.getMetadata("a.bin")).etag });
  expect(seen).toEqual([{ loaded: 35, total: 35 }]);
  expect(Buffer.compare(await backend.get("a.bin"), pattern(35))).toBe(0);
});

test("a form has its fields before the file", async () => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      bodies.push(text);
      response.writeHead(204).end();
    });
  });
  const url = await listening(server);
  const fields = { key: "a.bin", policy: "signed" };
  const result = await upload({ method: "POST", url, headers: {}, fields, expiresAt: new Date() }, file);
  expect(result).toEqual({ size: 35, etag: undefined });
  const names = [...(bodies[0] ?? "").matchAll(/ name="(\w+)"/g)].map(([, name]) => name);
  expect(names).toEqual(["key", "policy", "file"]);
});

test("parts are sent so many at once, told one by one, and ended in order", async () => {
  const waiting: (() => void)[] = [];
  const { signed, ended } = await service((request, response) => {
    waiting.push(() => response.setHeader("etag", `"${request.url?.slice(1)}&<"`).end());
    request.resume();
  });
  const loaded: number[] = [];
  const sending = upload(signed, file, { concurrency: 3, onProgress: (seen) => loaded.push(seen.loaded) });
  await vi.waitFor(() => expect(waiting).toHaveLength(3));
  waiting.pop()?.();
  await vi.waitFor(() => expect(waiting).toHaveLength(3));
  for (const answer of waiting) answer();
  expect(await sending).toEqual({ size: 35, etag: "whole-4" });
  expect(loaded).toEqual([10, 20, 30, 35]);
  const etags = [...(ended[0] ?? "").matchAll(/<PartNumber>(\d)<\/PartNumber><ETag>([^<]+)</g)];
  expect(etags.map(([, part, etag]) => [part, etag])).toEqual(
    ["1", "2", "3", "4"].map((part) => [part, `"${part}&amp;&lt;"`]),
  );
});

test("an abort ends what is under way, gives the upload up, and leaves no listener", async () => {
  const { signed, seen } = await service((request) => request.resume());
  const { signal, abort } = abortable();
  const reason = new Error("enough");
  const sending = upload(signed, file, { signal, concurrency: 2 });
  await vi.waitFor(() => expect(seen).toHaveLength(2));
  abort(reason);
  await expect(sending).rejects.toBe(reason);
  expect(seen.at(-1)).toBe("DELETE /abort");
  expect(seen).toHaveLength(3);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("an abort during a pause between two tries ends it", async () => {
  const { signed, seen } = await service((request, response) => {
    request.resume();
    response.writeHead(503, { "retry-after": "50" }).end();
  });
  const { signal, abort } = abortable();
  const sending = upload(signed, file, { signal, concurrency: 1 });
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  abort(new Error("enough"));
  await expect(sending).rejects.toThrow("enough");
  expect(seen).toEqual(["PUT /1", "DELETE /abort"]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("what was aborted before is not begun, and its parts are given up", async () => {
  const { signed, seen } = await service((request) => request.resume());
  await expect(upload(signed, file, { signal: AbortSignal.abort("before") })).rejects.toBe("before");
  expect(seen).toEqual(["DELETE /abort"]);
});

test("a part that is refused ends the others at once", async () => {
  const waiting: ServerResponse[] = [];
  const { signed, seen } = await service((request, response) => {
    request.resume();
    // Not before both are under way.
    if (waiting.push(response) < 2) return;
    const body =
      "<Error><Code>AccessDenied</Code><Message>Request &quot;x&quot; has expired</Message></Error>";
    response.writeHead(403).end(body);
  });
  const { signal } = abortable();
  const error = await upload(signed, file, { signal, concurrency: 2 }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UploadError);
  expect(error).toMatchObject({ status: 403, code: "AccessDenied", message: 'Request "x" has expired' });
  expect(seen.toSorted()).toEqual(["DELETE /abort", "PUT /1", "PUT /2"]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("a part that took S3 too long is sent again, although its status is 400", async () => {
  let refusals = 1;
  const { signed, seen } = await service((request, response) => {
    request.resume();
    response.setHeader("etag", '"part"');
    if (refusals-- > 0) response.writeHead(400).end("<Error><Code>RequestTimeout</Code></Error>");
    else response.end();
  });
  expect((await upload(signed, file, { concurrency: 1 })).size).toBe(35);
  expect(seen).toEqual(["PUT /1", "PUT /1", "PUT /2", "PUT /3", "PUT /4", "POST /complete"]);
});

test("a service that hides the etags is named, and what to do about it", async () => {
  const { signed } = await service((request, response) => {
    request.resume();
    response.end();
  });
  await expect(upload(signed, file)).rejects.toMatchObject({
    code: "Configuration",
    message: expect.stringContaining("add ETag to ExposeHeaders in the CORS settings of the bucket"),
  });
});

test.each([0, 1.5, -1, Number.NaN])(
  "a concurrency of %d is refused before anything is sent",
  async (concurrency) => {
    const { signed, seen } = await service((request) => request.resume());
    await expect(upload(signed, file, { concurrency })).rejects.toMatchObject({ code: "InvalidArgument" });
    expect(seen).toEqual([]);
  },
);

test("nothing is remembered", () => {
  expect(pendingUpload(file)).toBeUndefined();
  expect(pendingUpload(new Blob(["x"]))).toBeUndefined();
});

function abortable(): { readonly signal: AbortSignal; readonly abort: (reason: unknown) => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}

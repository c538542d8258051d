import { MemoryBackend } from "@storage/memory";
import { expect, test, vi } from "vitest";
import { acceptUpload, type HttpRequest, serveFiles, toFetchHandler } from "../src/index.ts";
import { secret } from "./site.ts";

const chunk = new Uint8Array(64 * 1024);
const count = 20;

/** A body in chunks, and how many of them were taken. */
function inChunks(): { readonly body: ReadableStream<Uint8Array>; readonly taken: () => number } {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (taken === count) return controller.close();
        taken++;
        controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
  return { body, taken: () => taken };
}

function requestInChunks(): { readonly request: HttpRequest; readonly taken: () => number } {
  const { body, taken } = inChunks();
  const { signal } = new AbortController();
  const request = { method: "PUT", url: "http://localhost/", headers: new Headers(), body, signal };
  return { request, taken };
}

test("what is left of an upload that is refused is thrown away, so that its connection is of use again", async () => {
  const { request, taken } = requestInChunks();
  const accepting = acceptUpload(request, { maxBytes: 10_000_000, allowedTypes: ["image/png"] });
  await expect(accepting).rejects.toMatchObject({ status: 415 });
  await vi.waitFor(() => expect(taken()).toBe(count));
});

test("so is what is left of one that is let go of before anybody has read it", async () => {
  const { request, taken } = requestInChunks();
  const upload = await acceptUpload(request, { maxBytes: 10_000_000 });
  expect(taken()).toBeLessThan(count);
  await upload[Symbol.asyncDispose]();
  await vi.waitFor(() => expect(taken()).toBe(count));
  for await (const piece of upload.body) expect.unreachable(`${piece.length} bytes`);
});

test("one that was read is let go of without harm", async () => {
  const { request } = requestInChunks();
  const upload = await acceptUpload(request, { maxBytes: 10_000_000 });
  let received = 0;
  for await (const piece of upload.body) received += piece.length;
  await upload[Symbol.asyncDispose]();
  expect(received).toBe(count * chunk.length);
});

test.each([
  ["before it is read", "text/plain", 415],
  ["in the middle", "application/octet-stream", 413],
])(
  "a signed upload that is refused %s is read to its end by a Fetch handler",
  async (_when, type, status) => {
    const backend = new MemoryBackend({ baseUrl: "http://localhost/files", secret });
    const { url } = await backend.getUploadUrl("a.bin", { maxBytes: 100_000 });
    const { body, taken } = inChunks();
    const init = { method: "PUT", headers: { "content-type": type }, body, duplex: "half" };
    const answer = await toFetchHandler(serveFiles(backend))(new Request(url, init as RequestInit));
    expect(answer.status).toBe(status);
    await vi.waitFor(() => expect(taken()).toBe(count));
    await backend.close();
  },
);

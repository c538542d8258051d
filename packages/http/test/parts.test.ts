import { createHash } from "node:crypto";
import type { SignedParts, StorageBackend, UploadUrlOptions } from "@storage/core";
import { withPrefix } from "@storage/core";
import { describe, expect, test, vi } from "vitest";
import { bodyOf, complete, documentOf, partSize, partsOf, pieceOf, send, sendAll } from "./parts-client.ts";
import { backends, site } from "./site.ts";

const key = "films/a.bin";
const sha256 = (body: Uint8Array): string => createHash("sha256").update(body).digest("hex");

describe.each(backends)("an upload in parts to a %s", (_, make) => {
  async function begun(options: UploadUrlOptions & { size: number }, at = key) {
    const { backend } = await site({}, make);
    return { backend, parts: await partsOf(backend, options, at) };
  }

  test.each([
    ["no bytes", 0, 1],
    ["one byte", 1, 1],
    ["one whole part", partSize, 1],
    ["a part and a byte", partSize + 1, 2],
    ["two whole parts", 2 * partSize, 2],
  ])("of %s stores what is sent, and not before it is ended", async (_what, size, count) => {
    const { backend, parts } = await begun({ size, contentType: "video/mp4", metadata: { who: "Ada" } });
    expect([parts.partSize, parts.urls.length]).toEqual([partSize, count]);
    const body = bodyOf(size);
    const etags = await sendAll(parts, body);
    expect(await backend.listKeys()).toEqual([]);
    const { status, etag, json } = await complete(parts, etags);
    const stored = await backend.getMetadata(key);
    expect([status, etag]).toEqual([201, `"${stored.etag}"`]);
    expect(json).toEqual({
      key,
      size,
      contentType: "video/mp4",
      etag: stored.etag,
      lastModified: expect.any(String),
      metadata: { who: "Ada" },
    });
    expect(stored).toMatchObject({ size, contentType: "video/mp4", metadata: { who: "Ada" } });
    expect(sha256(await backend.get(key))).toBe(sha256(body));
    expect(await backend.listKeys()).toEqual([key]);
    expect(await waiting(backend)).toEqual([]);
  });

  test("takes them in any order, and the last of a number", async () => {
    const { backend, parts } = await begun({ size: partSize + 3 });
    const body = bodyOf(partSize + 3);
    const [first = "", second = ""] = parts.urls;
    const last = await send(second, "PUT", "abc");
    await send(first, "PUT", new Uint8Array(partSize));
    const again = await send(first, "PUT", pieceOf(body, 1));
    expect([last.status, again.status]).toEqual([200, 200]);
    expect((await complete(parts, [again.etag, last.etag])).status).toBe(201);
    const stored = await backend.get(key);
    expect(sha256(stored.subarray(0, partSize))).toBe(sha256(pieceOf(body, 1)));
    expect(new TextDecoder().decode(stored.subarray(partSize))).toBe("abc");
  });

  test("is refused part by part when one has another size, announced or in chunks", async () => {
    const { backend, parts } = await begun({ size: 5 });
    const [url = ""] = parts.urls;
    for (const [text, status, error] of [
      ["123456", 413, "TooLarge"],
      ["1234", 400, "InvalidArgument"],
    ] as const) {
      expect(await send(url, "PUT", text)).toMatchObject({ status, json: { error } });
      const chunks = { body: new Blob([text]).stream(), duplex: "half" } as const;
      expect(await send(url, "PUT", undefined, chunks)).toMatchObject({ status, json: { error } });
    }
    expect(await waiting(backend)).toEqual([]);
  });

  test("is not ended with a part that is missing, out of order, or another one", async () => {
    const { backend, parts } = await begun({ size: partSize + 1 });
    const body = bodyOf(partSize + 1);
    const { etag: first } = await send(parts.urls[0] ?? "", "PUT", pieceOf(body, 1));
    expect(await refusal(parts, [first, '"none"'])).toMatch(/^Part 2 is not here/);
    const { etag: second } = await send(parts.urls[1] ?? "", "PUT", pieceOf(body, 2));
    expect(await refusal(parts, [second, first])).toMatch(/^Part 1 is not here/);
    expect(await refusal(parts, [first])).toMatch(/^Part 2 is missing/);
    expect(await refusal(parts, [])).toMatch(/^Part 1 is missing/);
    expect(await refusal(parts, [first, second, second])).toMatch(/has 2 parts/);
    await send(parts.urls[0] ?? "", "PUT", new Uint8Array(partSize));
    expect(await refusal(parts, [first, second])).toMatch(/^Part 1 is not here/);
    expect(await backend.listKeys()).toEqual([]);
    const etags = await sendAll(parts, body);
    expect((await complete(parts, etags)).status).toBe(201);
  });

  test("that is ended again, since the answer was lost, is answered the same and writes nothing", async () => {
    const { backend, parts } = await begun({ size: 5, ifNoneMatch: "*" });
    const etags = await sendAll(parts, bodyOf(5));
    const answer = await complete(parts, etags);
    expect(answer.status).toBe(201);
    expect(await complete(parts, etags)).toEqual(answer);
    await backend.put(key, "somebody else's");
    expect(await complete(parts, etags)).toEqual(answer);
    expect(new TextDecoder().decode(await backend.get(key))).toBe("somebody else's");
    await backend.delete(key);
    expect(await complete(parts, etags)).toEqual(answer);
    expect(await backend.listKeys()).toEqual([]);
  });

  test("that is ended twice at once is stored once", async () => {
    const { backend, parts } = await begun({ size: partSize + 9 });
    const put = vi.spyOn(backend, "put");
    const etags = await sendAll(parts, bodyOf(partSize + 9));
    const answers = await Promise.all(Array.from({ length: 4 }, () => complete(parts, etags)));
    expect(answers[0]?.status).toBe(201);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(put).toHaveBeenCalledTimes(1);
  });

  test("that may only create is held to that at its end, and its parts stay", async () => {
    const { backend, parts } = await begun({ size: 5, ifNoneMatch: "*" });
    const etags = await sendAll(parts, bodyOf(5));
    await backend.put(key, "before");
    const refused = { status: 412, json: { error: "PreconditionFailed" } };
    expect(await complete(parts, etags)).toMatchObject(refused);
    expect(new TextDecoder().decode(await backend.get(key))).toBe("before");
    await backend.delete(key);
    expect((await complete(parts, etags)).status).toBe(201);
    expect(await backend.get(key)).toEqual(bodyOf(5));
  });

  test("with a checksum is held to it as a whole", async () => {
    const body = bodyOf(partSize + 5);
    const { backend, parts } = await begun({ size: body.length, checksum: { sha256: sha256(body) } });
    const other = Uint8Array.from(body).fill(0, 0, 1);
    other[0] = 1;
    const wrong = await complete(parts, await sendAll(parts, other));
    expect(wrong).toMatchObject({ status: 400, json: { error: "Integrity" } });
    expect(await backend.listKeys()).toEqual([]);
    await backend.put(key, "somebody else's");
    expect((await complete(parts, await sendAll(parts, body))).status).toBe(201);
    expect((await backend.getMetadata(key)).size).toBe(body.length);
  });

  test("can be given up, more than once, and then takes neither parts nor an end", async () => {
    const { backend, parts } = await begun({ size: partSize + 1 });
    const etags = await sendAll(parts, bodyOf(partSize + 1));
    expect((await send(parts.abortUrl, "DELETE")).status).toBe(204);
    expect((await send(parts.abortUrl, "DELETE")).status).toBe(204);
    const ended = { status: 404, json: { error: "FileNotFound", message: "This upload was given up." } };
    expect(await complete(parts, etags)).toMatchObject(ended);
    expect((await send(parts.urls[1] ?? "", "PUT", "x")).status).toBe(404);
    expect(await waiting(backend)).toEqual([]);
    expect(await backend.listKeys()).toEqual([]);
  });

  test("that was ended stays when it is given up afterwards, and takes no part any more", async () => {
    const { backend, parts } = await begun({ size: 5 });
    await complete(parts, await sendAll(parts, bodyOf(5)));
    expect((await send(parts.abortUrl, "DELETE")).status).toBe(204);
    expect(await backend.get(key)).toEqual(bodyOf(5));
    expect((await send(parts.urls[0] ?? "", "PUT", "12345")).status).toBe(404);
  });

  test("goes on at its end when the client goes away", async () => {
    const { backend, parts } = await begun({ size: 2 * partSize });
    const etags = await sendAll(parts, bodyOf(2 * partSize));
    const client = new AbortController();
    const real = backend.put.bind(backend);
    const storing = Promise.withResolvers<Awaited<ReturnType<typeof real>>>();
    vi.spyOn(backend, "put").mockImplementationOnce((...parameters) => {
      client.abort();
      const put = real(...parameters);
      storing.resolve(put);
      return put;
    });
    const ending = send(parts.completeUrl, "POST", documentOf(etags), { signal: client.signal });
    await expect(ending).rejects.toThrow("abort");
    expect((await storing.promise).size).toBe(2 * partSize);
    expect((await complete(parts, etags)).status).toBe(201);
  });

  test("that nobody ends is removed by a sweep, and so is what is left of one that was", async () => {
    const { backend, parts } = await begun({ size: partSize + 1 });
    await send(parts.urls[0] ?? "", "PUT", new Uint8Array(partSize));
    const ended = await partsOf(backend, { size: 5 }, "ended");
    await complete(ended, await sendAll(ended, bodyOf(5)));
    expect(await backend.sweep()).toEqual({ removed: 0 });
    expect((await send(parts.urls[1] ?? "", "PUT", "x")).status).toBe(200);
    expect(await backend.sweep({ olderThan: 0 })).toEqual({ removed: 2 });
    expect(await backend.signer?.parts?.listKeys()).toEqual([]);
    expect(await backend.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
    expect(await refusal(parts, ["a", "b"])).toMatch(/^Part 1 is not here/);
    expect(await backend.listKeys()).toEqual(["ended"]);
  });

  test("through a prefix is stored below it", async () => {
    const { backend } = await site({}, make);
    const tenant = withPrefix(backend, "tenant-1/");
    expect(tenant.capabilities.uploadParts).toBe(true);
    const parts = await partsOf(tenant, { size: 5 }, key);
    expect((await complete(parts, await sendAll(parts, bodyOf(5)))).json.key).toBe(`tenant-1/${key}`);
    expect(await tenant.get(key)).toEqual(bodyOf(5));
  });

  test("ends with the backend", async () => {
    const { backend, parts } = await begun({ size: 5 });
    await backend.close();
    expect((await send(parts.urls[0] ?? "", "PUT", "12345")).status).toBe(503);
  });
});

/** The parts that wait, whatever is remembered beside them. */
async function waiting(backend: StorageBackend): Promise<string[]> {
  const keys = (await backend.signer?.parts?.listKeys()) ?? ["no store of parts"];
  return keys.filter((it) => !it.endsWith("/state"));
}

/** The sentence with which an end is refused. */
async function refusal(parts: SignedParts, etags: readonly string[]): Promise<string> {
  const { status, json } = await complete(parts, etags);
  expect([status, json.error]).toEqual([400, "InvalidArgument"]);
  return json.message ?? "";
}

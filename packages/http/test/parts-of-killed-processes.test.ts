import { readdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { bodyOf, complete, partSize, partsOf, pieceOf, send } from "./parts-client.ts";
import { key, type PartsServer, ServedFolder } from "./parts-server.ts";
import { pattern } from "./site.ts";

const size = partSize + 1000;
const body = bodyOf(size);

/** An upload of which all parts were sent to a process that was killed afterwards. */
async function sent(folder: ServedFolder) {
  const parts = await partsOf(folder.backend, { size, metadata: { who: "Ada" } }, key);
  const etags: string[] = [];
  for (const [at, url] of parts.urls.entries()) {
    const server = await folder.serve();
    etags.push((await send(server.at(url), "PUT", pieceOf(body, at + 1))).etag);
    await server.kill();
  }
  const end = (server: PartsServer) =>
    complete({ ...parts, completeUrl: server.at(parts.completeUrl) }, etags);
  return { parts, end };
}

async function isStored({ backend }: ServedFolder): Promise<void> {
  expect(await backend.getMetadata(key)).toMatchObject({ size, metadata: { who: "Ada" } });
  expect(Buffer.compare(await backend.get(key), body)).toBe(0);
}

test("an upload outlives kills between its parts, and before its end", async () => {
  const folder = new ServedFolder();
  const { end } = await sent(folder);
  expect(await folder.backend.exists(key)).toBe(false);
  const server = await folder.serve();
  expect((await end(server)).status).toBe(201);
  await isStored(folder);
  await server.kill();
  expect((await end(await folder.serve())).status).toBe(201);
});

test("an upload whose process is killed before the commit is ended by the next one", async () => {
  const folder = new ServedFolder();
  await folder.backend.put(key, "before");
  const { end } = await sent(folder);
  await expect(end(await folder.serve("before the commit"))).rejects.toThrow();
  expect(new TextDecoder().decode(await folder.backend.get(key))).toBe("before");
  expect((await end(await folder.serve())).status).toBe(201);
  await isStored(folder);
});

test("an upload whose process is killed after the commit is answered by the next one, and not stored again", async () => {
  const folder = new ServedFolder();
  const { end } = await sent(folder);
  await expect(end(await folder.serve("after the commit"))).rejects.toThrow();
  await isStored(folder);
  const { etag } = await folder.backend.getMetadata(key);
  const server = await folder.serve();
  for (let turn = 0; turn < 2; turn++)
    expect(await end(server)).toMatchObject({ status: 201, etag: `"${etag}"`, json: { key, size, etag } });
  expect((await folder.backend.getMetadata(key)).etag).toBe(etag);
});

test("two processes that end an upload at once both have it stored", async () => {
  const folder = new ServedFolder();
  const { end } = await sent(folder);
  const servers = await Promise.all([folder.serve(), folder.serve(), folder.serve()]);
  for (let turn = 0; turn < 3; turn++) {
    const answers = await Promise.all(servers.map(end));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    await isStored(folder);
  }
});

test("after such a kill nothing goes over what somebody else wrote", async () => {
  const folder = new ServedFolder();
  const { end } = await sent(folder);
  await expect(end(await folder.serve("after the commit"))).rejects.toThrow();
  await folder.backend.put(key, "somebody else's");
  expect((await end(await folder.serve())).status).toBe(412);
  expect(new TextDecoder().decode(await folder.backend.get(key))).toBe("somebody else's");
});

test("a part that is sent anew when the process is killed stays what it was", async () => {
  const folder = new ServedFolder();
  const { parts, end } = await sent(folder);
  const server = await folder.serve();
  const half = request(server.at(parts.urls[0] ?? ""), {
    method: "PUT",
    headers: { "content-length": partSize },
  });
  half.on("error", () => {}).write(pattern(100_000));
  const temporaries = join(folder.basePath, ".storage/uploads/.storage/tmp");
  await vi.waitFor(() => expect(readdirSync(temporaries)).toHaveLength(1));
  await server.kill();
  await folder.backend.sweep();
  expect(readdirSync(temporaries)).toEqual([]);
  expect((await end(await folder.serve())).status).toBe(201);
  await isStored(folder);
});

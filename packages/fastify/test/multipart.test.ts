import multipart from "@fastify/multipart";
import fastify, { type FastifyInstance } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { memory, png } from "../../http/test/app-behaviour.ts";
import { acceptPart, acceptUpload, addStorage, storageErrors, unreadBody } from "../src/index.ts";

const backends = new WeakMap<object, ReturnType<typeof memory>>();
const storage = async (app: FastifyInstance): Promise<void> => {
  const backend = memory();
  backends.set(app, backend);
  await addStorage(app, { backend });
};
const plugin = async (app: FastifyInstance): Promise<void> => {
  await app.register(multipart, { limits: { fileSize: 500 } });
};

async function uploads(...steps: readonly ((app: FastifyInstance) => Promise<void>)[]) {
  const app = fastify({ forceCloseConnections: true });
  onTestFinished(() => app.close());
  for (const step of steps) await step(app);
  app.setErrorHandler(storageErrors());
  const limits = { maxBytes: 1000, allowedTypes: ["image/png", "application/octet-stream"] };
  app.post("/part", async (request) => {
    const { key, body, contentType } = await acceptPart(await request.file(), limits);
    return await request.storage.put(key, body, { contentType });
  });
  app.post("/upload", async (request) => {
    const { key, body, contentType } = await acceptUpload(request, limits);
    return await request.storage.put(key, body, { contentType });
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const backend = backends.get(app) ?? memory();
  const send = async (path: string, file: BlobPart, name = "a.png") => {
    const body = new FormData();
    body.set("file", new Blob([file]), name);
    const answer = await fetch(url + path, { method: "POST", body });
    return { status: answer.status, answer: await answer.json() };
  };
  return { app, url, backend, send };
}

test.each([
  ["before the storage", [plugin, storage]],
  ["after it", [storage, plugin]],
])(
  "a file of @fastify/multipart, registered %s, is stored with the type that it has",
  async (_when, steps) => {
    const { backend, send } = await uploads(...steps);
    const { status, answer } = await send("/part", png, "π.png");
    expect([status, answer.key, answer.contentType]).toEqual([200, "π.png", "image/png"]);
    expect(Buffer.from(await backend.get("π.png"))).toEqual(png);
    // The plugin leaves bodies unread for whoever takes them, too.
    expect((await send("/upload", png, "b.png")).status).toBe(200);
  },
);

test("a file that the plugin's limit has cut off is not stored", async () => {
  const { backend, send } = await uploads(plugin, storage);
  const { status, answer } = await send("/part", Buffer.alloc(700));
  expect([status, answer.error]).toEqual([413, "TooLarge"]);
  expect(await backend.listKeys()).toEqual([]);
});

test("a file of another type is refused, and nothing is stored", async () => {
  const { backend, send } = await uploads(plugin, storage);
  const { status, answer } = await send("/part", "%PDF-1.7\n1 0 obj\n");
  expect([status, answer.error]).toEqual([415, "UnsupportedType"]);
  expect(await backend.listKeys()).toEqual([]);
});

test("a form without a file is refused", async () => {
  const { url } = await uploads(plugin, storage);
  const body = new FormData();
  body.set("title", "none");
  const answer = await fetch(`${url}/part`, { method: "POST", body });
  expect([answer.status, await answer.json()]).toEqual([
    400,
    { error: "InvalidArgument", message: "The form has no file." },
  ]);
});

test("without the plugin a form goes to acceptUpload", async () => {
  const { backend, send } = await uploads(storage);
  expect((await send("/upload", png)).status).toBe(200);
  expect((await send("/upload", Buffer.alloc(1001))).status).toBe(413);
  expect(await backend.listKeys()).toEqual(["a.png"]);
});

test("other types are 415 as ever, and go to a route that leaves them unread", async () => {
  const { url, app } = await uploads(storage);
  const headers = { "content-type": "image/png" };
  const refused = await fetch(`${url}/upload`, { method: "POST", headers, body: png });
  expect(refused.status).toBe(415);
  expect(app.hasContentTypeParser("image/png")).toBe(false);
  const { url: open, backend } = await uploads(storage, async (made) => {
    made.addContentTypeParser("image/png", unreadBody);
  });
  const stored = await fetch(`${open}/upload`, {
    method: "POST",
    headers: { ...headers, "content-disposition": 'attachment; filename="raw.png"' },
    body: png,
  });
  expect(stored.status).toBe(200);
  expect(await backend.listKeys()).toEqual(["raw.png"]);
});

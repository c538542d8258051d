import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { expect, onTestFinished, test, vi } from "vitest";
import { memory, png } from "../../http/test/app-behaviour.ts";
import { closed } from "../../http/test/site.ts";
import {
  acceptUpload,
  addStorage,
  getStorage,
  type StorageVariables,
  sendObject,
  storageErrors,
} from "../src/index.ts";
import { serving } from "./serving.ts";

const origin = "http://localhost:8000";
type Env = { Variables: StorageVariables };

async function named(name: string) {
  const backend = memory();
  await backend.put("name", name);
  return backend;
}

const whichApp = (): Hono<Env> =>
  new Hono<Env>().get("/which", async (c) => c.body(await c.var.storage.get("name")));

const textOf = async (answer: Response | Promise<Response>): Promise<string> => await (await answer).text();

test("c.var.storage, c.get and getStorage are the same backend", async () => {
  const app = new Hono<Env>();
  const backend = memory();
  await addStorage(app, { backend });
  app.get("/", (c) =>
    c.json([c.var.storage, c.get("storage"), getStorage(c)].map((each) => each === backend)),
  );
  expect(await textOf(app.request("/"))).toBe("[true,true,true]");
});

test("an app with variables and bindings of its own, or with none, takes a storage", async () => {
  const typed = new Hono<{ Bindings: { BUCKET: string }; Variables: StorageVariables & { user: string } }>();
  const bare = new Hono();
  for (const app of [typed, bare]) await addStorage(app, { backend: memory() });
  bare.get("/", async (c) => c.text(getStorage(c).name));
  expect(await textOf(bare.request("/"))).toBe("MemoryBackend");
});

test("apps that are routed have the backend of the app around them, or one of their own", async () => {
  const app = new Hono<Env>();
  await addStorage(app, { backend: await named("outer") });
  const own = new Hono<Env>();
  await addStorage(own, { backend: await named("inner") });
  app.route("/routed", whichApp());
  app.route("/own", own.route("/", whichApp()));
  expect(await textOf(app.request("/routed/which"))).toBe("outer");
  expect(await textOf(app.request("/own/which"))).toBe("inner");
});

test("below a base path the files are those of its links", async () => {
  const app = new Hono<Env>().basePath("/files");
  const backend = memory();
  await backend.put("a.txt", "hello");
  await addStorage(app, { backend, serveFiles: true, healthPath: "/files/up" });
  expect(await textOf(app.request(await backend.getUrl("a.txt")))).toBe("hello");
  expect((await app.request(`${origin}/files/up`)).status).toBe(200);
});

test("without a server, a link is served and an upload is stored", async () => {
  const app = new Hono<Env>();
  const backend = memory();
  await addStorage(app, { backend, serveFiles: true });
  const { method, url, headers } = await backend.getUploadUrl("a.txt");
  expect((await app.request(url, { method, headers, body: "hello" })).status).toBe(201);
  const part = await app.request(await backend.getUrl("a.txt"), { headers: { range: "bytes=1-3" } });
  expect([part.status, await part.text()]).toEqual([206, "ell"]);
});

test("middlewares around it see its answers", async () => {
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    await next();
    c.res.headers.set("x-around", String(c.res.status));
  });
  await addStorage(app, { backend: memory() });
  expect((await app.request("/_ops/health")).headers.get("x-around")).toBe("200");
});

test("a route from before addStorage is told that there is no storage", async () => {
  const app = new Hono<Env>();
  app.get("/which", async (c) => c.body(await getStorage(c).get("name")));
  await addStorage(app, { backend: await named("late") });
  const errors: unknown[] = [];
  app.onError(storageErrors({ onError: (error) => errors.push(error) }));
  expect((await app.request("/which")).status).toBe(503);
  expect(errors).toEqual([
    expect.objectContaining({
      message: expect.stringContaining("Storage not configured: call addStorage(app) first"),
    }),
  ]);
});

test("Hono's own exceptions answer as they say, and other errors go to the app around", async () => {
  const inner = new Hono<Env>();
  inner.get("/exception", () => {
    throw new HTTPException(418, { message: "short and stout" });
  });
  inner.get("/broken", () => {
    throw new Error("not the storage's");
  });
  inner.onError(storageErrors());
  const app = new Hono<Env>();
  app.onError((error, c) => c.text(`said: ${error.message}`, 500));
  app.route("/", inner);
  const exception = await app.request("/exception");
  expect([exception.status, await exception.text()]).toEqual([418, "short and stout"]);
  expect(await textOf(app.request("/broken"))).toBe("said: not the storage's");
});

test("a form that Hono has read before is the application's mistake", async () => {
  const app = new Hono<Env>();
  await addStorage(app, { backend: memory() });
  app.post("/", async (c) => {
    await c.req.parseBody();
    await acceptUpload(c, { maxBytes: 1000 });
    return c.text("stored");
  });
  app.onError(storageErrors());
  const { url } = await serving(app);
  const body = new FormData();
  body.set("file", new Blob([png]), "a.png");
  const answer = await fetch(url, { method: "POST", body });
  expect([answer.status, (await answer.json()).error]).toEqual([503, "Configuration"]);
});

test("the backend is closed with the server that has sent it requests", async () => {
  const app = new Hono<Env>();
  const backend = await named("a");
  await addStorage(app, { backend });
  app.get("/", (c) => sendObject(c, "name"));
  const { server, url } = await serving(app);
  expect(await textOf(fetch(url))).toBe("a");
  expect(server.requestTimeout).toBe(3_600_000);
  await closed(server);
  await vi.waitFor(() => expect(backend.exists("a")).rejects.toMatchObject({ code: "Closed" }));
});

test("a client that goes away in the middle of a file frees it at once", async () => {
  const app = new Hono<Env>();
  const backend = memory();
  await backend.put("large.bin", new Uint8Array(32 * 1024 * 1024));
  await addStorage(app, { backend });
  app.get("/", (c) => sendObject(c, "large.bin"));
  const { url } = await serving(app);
  const answer = await fetch(url);
  await answer.body?.cancel();
  // Waits for a file that is still open, longer than a test may take.
  await backend.close({ timeout: 600_000 });
  await expect(backend.exists("large.bin")).rejects.toMatchObject({ code: "Closed" });
});

test("the console is told once of an error that is not ours, however deep the app stands", async () => {
  const told = vi.spyOn(console, "error").mockReturnValue();
  onTestFinished(() => told.mockRestore());
  const broken = new Error("of the application");
  const inner = new Hono().get("/broken", () => {
    throw broken;
  });
  inner.onError(storageErrors());
  const app = new Hono().route("/inner", inner);
  app.onError(storageErrors());
  await expect(Promise.resolve(app.request("/inner/broken"))).rejects.toBe(broken);
  expect(told.mock.calls).toEqual([[broken]]);
});

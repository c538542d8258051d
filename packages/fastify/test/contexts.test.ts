import { connect } from "node:http2";
import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance, type FastifyPluginAsync } from "fastify";
import { expect, onTestFinished, test, vi } from "vitest";
import { memory } from "../../http/test/app-behaviour.ts";
import { addStorage, getStorage, sendObject, storageErrors, storagePlugin } from "../src/index.ts";

/** An app whose log of warnings and errors can be seen; closed when the test ends. */
function logged() {
  const lines: string[] = [];
  const app = fastify({
    forceCloseConnections: true,
    logger: { level: "warn", stream: { write: (line: string) => lines.push(line) } },
  });
  onTestFinished(() => app.close());
  return { app, lines };
}

async function named(name: string) {
  const backend = memory();
  await backend.put("name", name);
  return backend;
}

const inContext = (plugin: FastifyPluginAsync): FastifyPluginAsync => plugin;

const which = (app: Pick<FastifyInstance, "get">): void => {
  app.get("/which", async (request) => await request.storage.get("name"));
};

test("the plugin gives app.storage and request.storage", async () => {
  const { app } = logged();
  const backend = await named("registered");
  await app.register(storagePlugin, { backend });
  app.get("/same", async (request) => String(request.storage === getStorage(request)));
  expect(app.storage).toBe(backend);
  expect((await app.inject("/same")).body).toBe("true");
});

test("contexts have the storage of the app, and may have one of their own", async () => {
  const { app } = logged();
  await addStorage(app, { backend: await named("outer") });
  await app.register(
    inContext(async (inner) => {
      await addStorage(inner, { backend: await named("inner") });
      which(inner);
      inner.register(
        inContext(async (innermost) => which(innermost)),
        { prefix: "/innermost" },
      );
    }),
    { prefix: "/inner" },
  );
  await app.register(
    inContext(async (other) => which(other)),
    { prefix: "/other" },
  );
  which(app);
  const bodies = ["/which", "/inner/which", "/inner/innermost/which", "/other/which"].map(
    async (url) => (await app.inject(url)).body,
  );
  expect(await Promise.all(bodies)).toEqual(["outer", "inner", "inner", "outer"]);
});

test("a context's storage is closed with the app, and so is one that never got a request", async () => {
  const [outer, inner] = [memory(), memory()];
  const app = fastify();
  await addStorage(app, { backend: outer });
  await app.register(
    inContext(async (context) => {
      await addStorage(context, { backend: inner });
    }),
  );
  await app.close();
  await expect(outer.exists("a")).rejects.toMatchObject({ code: "Closed" });
  await expect(inner.exists("a")).rejects.toMatchObject({ code: "Closed" });
});

test("a route that is there before the storage has it, and no order of registering matters", async () => {
  const { app } = logged();
  which(app);
  const added = addStorage(app, { backend: await named("late") });
  await added;
  expect((await app.inject("/which")).body).toBe("late");
});

test("a request that a test makes up is answered as one from a socket", async () => {
  const { app } = logged();
  const backend = memory();
  await addStorage(app, { backend, serveFiles: true });
  await backend.put("a.txt", "hello");
  const { pathname, search } = new URL(await backend.getUrl("a.txt"));
  const served = await app.inject(`${pathname}${search}`);
  expect([served.statusCode, served.body]).toEqual([200, "hello"]);
  const { method, url, headers } = await backend.getUploadUrl("b.txt");
  const link = new URL(url);
  const payload = "stored";
  const stored = await app.inject({ method, url: link.pathname + link.search, headers, payload });
  expect(stored.statusCode).toBe(201);
  expect((await app.inject("/_ops/health")).json()).toMatchObject({ status: "healthy" });
});

test("what other plugins have put in the head is kept, and nothing is warned of", async () => {
  const { app, lines } = logged();
  const backend = await named("hello");
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("x-plugin", "was here");
  });
  await addStorage(app, { backend, serveFiles: true });
  app.get("/object", async (request, reply) => sendObject(request, reply, "name"));
  app.get("/sync", (request, reply) => sendObject(request, reply, "name"));
  app.get("/absent", async (request) => await request.storage.get("absent"));
  app.setErrorHandler(storageErrors());
  await app.listen({ port: 0, host: "127.0.0.1" });
  const at = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const { pathname, search } = new URL(await backend.getUrl("name"));
  for (const path of ["/object", "/sync", "/absent", `${pathname}${search}`, "/_ops/health"]) {
    const answer = await fetch(`${at}${path}`);
    await answer.text();
    expect([path, answer.headers.get("x-plugin")]).toEqual([path, "was here"]);
  }
  expect(lines).toEqual([]);
});

test("the log gets what is answered with a 5xx, and only that", async () => {
  const { app, lines } = logged();
  const backend = memory();
  await addStorage(app, { backend, serveFiles: true });
  app.get("/read", async (request) => await request.storage.get("absent"));
  app.get("/object", async (request, reply) => sendObject(request, reply, "absent"));
  app.setErrorHandler(storageErrors());
  expect((await app.inject("/read")).statusCode).toBe(404);
  expect(lines).toEqual([]);
  const { pathname, search } = new URL(await backend.getUrl("absent", { mustExist: false }));
  await backend.close();
  expect((await app.inject(`${pathname}${search}`)).statusCode).toBe(503);
  expect((await app.inject("/read")).statusCode).toBe(503);
  expect((await app.inject("/object")).statusCode).toBe(503);
  expect(lines.map((line) => JSON.parse(line).err.code)).toEqual(["Closed", "Closed", "Closed"]);
});

test("an error that is not the storage's goes to the handler around", async () => {
  const { app } = logged();
  app.setErrorHandler((error: Error, _request, reply) => reply.code(418).send({ said: error.message }));
  await addStorage(app, { backend: memory() });
  await app.register(
    inContext(async (context) => {
      context.setErrorHandler(storageErrors());
      context.get("/broken", async () => {
        throw new Error("not the storage's");
      });
    }),
  );
  const answer = await app.inject("/broken");
  expect([answer.statusCode, answer.json()]).toEqual([418, { said: "not the storage's" }]);
});

test("a plugin that is refused says why where it was registered", async () => {
  const app = fastify();
  const refused = addStorage(app, { backend: memory(), healthPath: "up" });
  await expect(refused).rejects.toMatchObject({ code: "Configuration" });
});

test("the server's limit is Fastify's, unless one was asked for", async () => {
  for (const [requestTimeout, expected] of [
    [undefined, 7_000],
    [60_000, 60_000],
  ]) {
    const app = fastify({ requestTimeout: 7_000 });
    onTestFinished(() => app.close());
    await addStorage(app, { backend: memory(), requestTimeout });
    expect(app.server.requestTimeout).toBe(expected);
  }
});

test("an app over HTTP/2 is an app", async () => {
  const app = fastify({ http2: true, logger: { level: "silent" } });
  onTestFinished(() => app.close());
  const backend = memory();
  await addStorage(app, { backend, serveFiles: true });
  await backend.put("a.bin", new Uint8Array(300_000));
  const session = connect(await app.listen({ port: 0, host: "127.0.0.1" }));
  onTestFinished(() => session.close());
  const { pathname, search } = new URL(await backend.getUrl("a.bin"));
  const stream = session.request({ ":path": `${pathname}${search}` });
  let received = 0;
  for await (const chunk of stream) received += chunk.length;
  expect(received).toBe(300_000);
});

test("another copy of this package puts its backend in the same place, also while the app listens", async () => {
  const { app } = logged();
  const first = await addStorage(app, { backend: await named("first") });
  which(app);
  await app.listen({ port: 0 });
  vi.resetModules();
  const other = await import("../src/index.ts");
  expect(other.addStorage).not.toBe(addStorage);
  await other.addStorage(app, { backend: await named("second") });
  expect((await app.inject("/which")).body).toBe("second");
  await expect(first.exists("name")).rejects.toMatchObject({ code: "Closed" });
});

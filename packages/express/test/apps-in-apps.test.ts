import express from "express";
import { expect, test } from "vitest";
import { memory } from "../../http/test/app-behaviour.ts";
import { addStorage, type ExpressMiddleware, getStorage, storageErrors } from "../src/index.ts";
import { serving } from "./serving.ts";

const which: express.RequestHandler = async (req, res) => {
  res.send(Buffer.from(await getStorage(req).get("name")));
};

async function named(name: string) {
  const backend = memory();
  await backend.put("name", name);
  return backend;
}

const textOf = async (url: string): Promise<string> => await (await fetch(url)).text();

test("routers and mounted apps have the backend of the app around them", async () => {
  const [app, mounted, router] = [express(), express(), express.Router()];
  await addStorage(app, { backend: await named("outer") });
  app.use("/app", mounted.get("/which", which));
  app.use("/router", router.get("/which", which));
  const { url } = await serving(app);
  expect(await textOf(`${url}/app/which`)).toBe("outer");
  expect(await textOf(`${url}/router/which`)).toBe("outer");
});

test("a mounted app may have its own, which requests that leave it do not take along", async () => {
  const [app, mounted] = [express(), express()];
  await addStorage(app, { backend: await named("outer") });
  await addStorage(mounted, { backend: await named("inner") });
  app.use("/app", mounted.get("/which", which));
  app.get("/app/other", which);
  const { url } = await serving(app);
  expect(await textOf(`${url}/app/which`)).toBe("inner");
  expect(await textOf(`${url}/app/other`)).toBe("outer");
});

test("a mounted app whose addStorage was refused keeps that of the app around it", async () => {
  const [app, mounted] = [express(), express()];
  await addStorage(app, { backend: await named("outer") });
  const refused = addStorage(mounted, { backend: await named("inner"), healthPath: "up" });
  await expect(refused).rejects.toMatchObject({ code: "Configuration" });
  app.use("/app", mounted.get("/which", which));
  const { url } = await serving(app);
  expect(await textOf(`${url}/app/which`)).toBe("outer");
});

test("a router may have its own", async () => {
  const [app, router] = [express(), express.Router()];
  await addStorage(app, { backend: await named("outer") });
  await addStorage(router, { backend: await named("inner") });
  app.use("/router", router.get("/which", which));
  const { url } = await serving(app);
  expect(await textOf(`${url}/router/which`)).toBe("inner");
});

test("a mounted app serves the links of its path", async () => {
  const [app, mounted] = [express(), express()];
  const backend = memory();
  await backend.put("a.txt", "hello");
  await addStorage(mounted, { backend, serveFiles: true, healthPath: "/files/up" });
  app.use("/files", mounted);
  const { url } = await serving(app);
  const link = await backend.getUrl("a.txt");
  expect(await textOf(link.replace("http://localhost:8000", url))).toBe("hello");
  expect((await fetch(`${url}/files/up`)).status).toBe(200);
});

test("a route from before addStorage has the backend, too", async () => {
  const app = express();
  app.get("/which", which);
  await addStorage(app, { backend: await named("outer") });
  const { url } = await serving(app);
  expect(await textOf(`${url}/which`)).toBe("outer");
});

test("the middleware stands where addStorage was called, though nobody has waited for it", async () => {
  const app = express();
  const added = addStorage(app, { backend: await named("outer"), healthPath: "/which" });
  app.get("/which", which);
  await added;
  const { url } = await serving(app);
  expect(await textOf(`${url}/which`)).toContain("healthy");
});

test("what only hands requests on, as connect does, has the backend in its routes", async () => {
  const middlewares: ExpressMiddleware[] = [];
  await addStorage(
    { use: (middleware: ExpressMiddleware) => middlewares.push(middleware) },
    { backend: await named("bare") },
  );
  const { url } = await serving((req, res) => {
    const [first] = middlewares;
    first?.(req, res, async () => res.end(await getStorage(req).get("name")));
  });
  expect(await textOf(url)).toBe("bare");
  expect((await fetch(`${url}/_ops/health`)).status).toBe(200);
});

test("an error of the storage is handed on where an answer has begun", async () => {
  const app = express();
  const backend = memory();
  await addStorage(app, { backend });
  app.get("/", async (req, res) => {
    res.write("begun");
    await getStorage(req).get("absent");
  });
  app.use(storageErrors());
  const seen: unknown[] = [];
  const last: express.ErrorRequestHandler = (error, _req, res, _next) => {
    seen.push(error.code);
    res.destroy();
  };
  app.use(last);
  const { url } = await serving(app);
  await expect(textOf(url)).rejects.toThrow();
  expect(seen).toEqual(["FileNotFound"]);
});

import express from "express";
import { expect, test } from "vitest";
import { memory } from "../../http/test/app-behaviour.ts";
import { acceptUpload, addStorage, storageErrors } from "../src/index.ts";
import { serving } from "./serving.ts";

const message = expect.objectContaining({
  message: expect.stringContaining("another middleware has read the body: call addStorage"),
});

test("a signed upload whose body was read before addStorage is the server's mistake, and says so there", async () => {
  const [app, backend, errors] = [express(), memory(), [] as unknown[]];
  app.use(express.json());
  await addStorage(app, { backend, serveFiles: true, onError: (error) => errors.push(error) });
  const { url } = await serving(app);
  const signed = await backend.getUploadUrl("a.json", { contentType: "application/json" });
  const { method, headers } = signed;
  const link = signed.url.replace("http://localhost:8000", url);
  const answer = await fetch(link, { method, headers, body: '{"a":1}' });
  expect([answer.status, (await answer.json()).error]).toEqual([503, "Configuration"]);
  expect(errors).toEqual([message]);
  expect(await backend.listKeys()).toEqual([]);
});

test("the same upload is stored where addStorage comes first", async () => {
  const [app, backend] = [express(), memory()];
  await addStorage(app, { backend, serveFiles: true });
  app.use(express.json());
  const { url } = await serving(app);
  const signed = await backend.getUploadUrl("a.json", { contentType: "application/json" });
  const { method, headers } = signed;
  const link = signed.url.replace("http://localhost:8000", url);
  expect((await fetch(link, { method, headers, body: '{"a":1}' })).status).toBe(201);
  expect(new TextDecoder().decode(await backend.get("a.json"))).toBe('{"a":1}');
});

test("acceptUpload of a body that was read says so, too", async () => {
  const [app, backend, errors] = [express(), memory(), [] as unknown[]];
  await addStorage(app, { backend });
  app.use(express.json());
  app.post("/", async (req, res) => {
    await acceptUpload(req, { maxBytes: 100 });
    res.end();
  });
  app.use(storageErrors({ onError: (error) => errors.push(error) }));
  const { url } = await serving(app);
  const headers = { "content-type": "application/json" };
  expect((await fetch(url, { method: "POST", headers, body: "{}" })).status).toBe(503);
  expect(errors).toEqual([message]);
});

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { expect, test, vi } from "vitest";
import { memory } from "../../http/test/app-behaviour.ts";
import { closed } from "../../http/test/site.ts";
import { addStorage } from "../src/index.ts";

const isClosed = { code: "Closed" };

test("an app that never got a request closes its backend with its server", async () => {
  const [app, backend] = [express(), memory()];
  await addStorage(app, { backend });
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  await closed(server);
  await vi.waitFor(() => expect(backend.exists("a")).rejects.toMatchObject(isClosed));
});

test("an app that listens twice closes its backend with the last of its servers", async () => {
  const [app, backend] = [express(), memory()];
  await addStorage(app, { backend });
  const servers = [app.listen(0, "127.0.0.1"), app.listen(0, "127.0.0.1")] as const;
  await Promise.all(servers.map((server) => once(server, "listening")));
  await closed(servers[0]);
  expect(await backend.exists("a")).toBe(false);
  await closed(servers[1]);
  await vi.waitFor(() => expect(backend.exists("a")).rejects.toMatchObject(isClosed));
});

test("servers that come and go with one request, as supertest's do, leave the backend open", async () => {
  const [app, backend] = [express(), memory()];
  await addStorage(app, { backend });
  for (let turn = 0; turn < 2; turn += 1) {
    const server = createServer(app).listen(0, "127.0.0.1");
    await once(server, "listening");
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/_ops/health`);
    expect(answer.status).toBe(200);
    await answer.text();
    await closed(server);
  }
  expect(await backend.exists("a")).toBe(false);
});

test("an app with a close of its own, as Nest's, closes the backend after itself", async () => {
  const backend = memory();
  const order: string[] = [];
  class App {
    use(): void {}
    async listen(): Promise<unknown> {
      return createServer();
    }
    async close(signal: string): Promise<void> {
      order.push(signal, String(await backend.exists("a")));
    }
  }
  // As Nest's: an assignment changes nothing, and a method is looked up when it is called.
  const nest = new Proxy(new App(), {
    set: () => true,
    get: (app, name) => {
      const value: unknown = Reflect.get(app, name);
      if (typeof value !== "function") return value;
      return (...given: unknown[]): unknown => Reflect.apply(Reflect.get(app, name), app, given);
    },
  });
  await addStorage(nest, { backend });
  await nest.listen();
  await nest.close("SIGTERM");
  expect(order).toEqual(["SIGTERM", "false"]);
  await expect(backend.exists("a")).rejects.toMatchObject(isClosed);
});

test("an app whose own close fails closes the backend all the same, and says why it failed", async () => {
  const backend = memory();
  const nest = Object.assign(express(), { close: () => Promise.reject(new Error("a hook has failed")) });
  await addStorage(nest, { backend });
  await expect(nest.close()).rejects.toThrow("a hook has failed");
  await expect(backend.exists("a")).rejects.toMatchObject(isClosed);
});

test("a server gets an hour for a request, and what was asked for", async () => {
  for (const [requestTimeout, expected] of [
    [undefined, 3_600_000],
    [0, 0],
    [60_000, 60_000],
  ]) {
    const [app, backend] = [express(), memory()];
    await addStorage(app, { backend, requestTimeout });
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    expect(server.requestTimeout).toBe(expected);
    await closed(server);
  }
});

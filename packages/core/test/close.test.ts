import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Backend } from "@storage/core";
import { expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { MapDriver, pieces } from "./map-driver.ts";

const run = promisify(execFile);

test("close waits for what is under way, refuses what comes later, and closes the driver once", async () => {
  const driver = new MapDriver();
  const events: string[] = [];
  Object.assign(driver, {
    close: async () => {
      events.push("closed");
    },
  });
  driver.onRequest = () => new Promise((resolve) => setTimeout(resolve, 20));
  const backend = new Backend(driver);
  driver.onAnswer = () => events.push("stored");
  const put = backend.put("a", "x");
  const closing = backend.close();
  const error = await failure(backend.get("a"), "Closed");
  expect(error).toMatchObject({ operation: "get", key: "a", backend: "MapBackend" });
  await Promise.all([closing, backend.close(), backend[Symbol.asyncDispose](), put]);
  await backend.close();
  expect(events).toEqual(["stored", "closed"]);
  await failure(backend.list(), "Closed");
});

test("what takes longer than the timeout is aborted", async () => {
  const driver = new MapDriver();
  driver.onRequest = ({ call }) =>
    new Promise((_, reject) => call.signal.addEventListener("abort", () => reject(new Error("aborted"))));
  const backend = new Backend(driver);
  const put = failure(backend.put("a", "x"), "Aborted");
  await backend.close({ timeout: 10 });
  const error = await put;
  expect(error).toMatchObject({ outcome: "unknown", cause: { name: "AbortError" } });
});

test("a body that nobody reads does not keep the backend open", async () => {
  const driver = new MapDriver();
  const backend = new Backend(driver);
  await backend.put("a", "0123456789");
  const unread = await backend.open("a");
  const begun = await backend.open("a");
  const reader = begun.body.getReader();
  await reader.read();
  await backend.close({ timeout: 10 });
  await failure(unread.text(), "Aborted");
  await expect(reader.read()).rejects.toMatchObject({ code: "Aborted", operation: "open", key: "a" });
});

test("a body that is open may be read to its end while the backend closes", async () => {
  const driver = new MapDriver();
  const backend = new Backend(driver);
  await backend.put("a", "0123456789");
  const object = await backend.open("a");
  const closing = backend.close();
  expect(await object.text()).toBe("0123456789");
  await closing;
});

test("a driver that hears no abort does not keep the backend open for ever", async () => {
  const driver = new MapDriver();
  driver.onRequest = () => new Promise(() => {});
  const backend = new Backend(driver);
  const put = failure(backend.put("a", pieces(new Uint8Array(5))), "Aborted");
  const started = performance.now();
  await backend.close({ timeout: 10 });
  await put;
  expect(performance.now() - started).toBeLessThan(4000);
});

test("a driver whose close fails fails the close, for everyone that waits for it", async () => {
  const driver = Object.assign(new MapDriver(), {
    close: async () => {
      throw new Error("the socket at /srv/run/socket");
    },
  });
  const backend = new Backend(driver);
  const first = failure(backend.close(), "Unknown");
  const second = failure(backend.close(), "Unknown");
  for (const error of [await first, await second]) {
    expect(error).toMatchObject({ operation: "close", backend: "MapBackend" });
    expect(String(error.cause)).not.toContain("srv");
  }
});

test("await using closes", async () => {
  const driver = new MapDriver();
  let closed = false;
  Object.assign(driver, {
    close: async () => {
      closed = true;
    },
  });
  {
    await using backend = new Backend(driver);
    await backend.put("a", "x");
  }
  expect(closed).toBe(true);
});

test("a process ends by itself, with backends open, bodies unread and calls aborted", async () => {
  const program = `
    import { Backend } from "@storage/core";
    import { MapDriver } from "./map-driver.ts";
    const backend = new Backend(new MapDriver());
    const controller = new AbortController();
    await backend.put("a", "0123456789");
    await backend.open("a");
    const object = await backend.open("a", { signal: controller.signal });
    controller.abort();
    await object.text().catch(() => {});
    await backend.get("missing").catch(() => {});
    console.log("done");
  `;
  const started = performance.now();
  const args = ["--conditions=@storage/source", "--input-type=module", "--eval", program];
  const { stdout, stderr } = await run(process.execPath, args, { cwd: import.meta.dirname, timeout: 9000 });
  expect({ stdout, stderr }).toEqual({ stdout: "done\n", stderr: "" });
  expect(performance.now() - started).toBeLessThan(1900);
});

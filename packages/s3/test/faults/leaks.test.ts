import { Agent } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { S3Backend } from "@storage/s3";
import { describe, expect, onTestFinished, test } from "vitest";
import { available } from "../../../../scripts/requirements.ts";
import { brokenBucket, bytesOf, errorOf, isOf, seen } from "./broken-bucket.ts";

const large = bytesOf(2 ** 20);
const part = 5 * 2 ** 20;

/** Waits for what comes by itself, soon. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (await isSo()) return;
    await delay(20);
  }
  throw new Error("it did not come");
}

const drops: Readonly<Record<string, (backend: S3Backend) => Promise<void>>> = {
  "a break after one chunk": async (backend) => {
    const { body } = await backend.open("key");
    for await (const chunk of body) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
  },
  "a cancel after one chunk": async (backend) => {
    const { body } = await backend.open("key");
    const reader = body.getReader();
    await reader.read();
    await reader.cancel();
  },
  "a cancel before the first chunk": async (backend) => {
    const { body } = await backend.open("key");
    await body.cancel();
  },
  "a disposal": async (backend) => {
    await using object = await backend.open("key");
    expect(object.size).toBe(large.length);
  },
  "an abort after one chunk": async (backend) => {
    const controller = new AbortController();
    const { body } = await backend.open("key", { signal: controller.signal });
    const reader = body.getReader();
    await reader.read();
    controller.abort();
    expect(await errorOf(reader.read())).toMatchObject({ code: "Aborted" });
  },
  "more bytes than maxBytes": async (backend) => {
    expect(await errorOf(backend.get("key", { maxBytes: 10 }))).toMatchObject({ code: "TooLarge" });
  },
};

describe.skipIf(!available("minio"))("nothing is left, minio", () => {
  test.each(Object.entries(drops))("300 gets that end by %s hold no socket", async (_, drop) => {
    const agent = new Agent({ keepAlive: true });
    const { direct, backend } = await brokenBucket("minio", { agent, maxConcurrency: 16 });
    await direct.put("key", large);
    await Promise.all(Array.from({ length: 300 }, () => drop(backend)));
    expect(Buffer.compare(await backend.get("key"), large)).toBe(0);
    // What is free is not among them.
    await until(() => Object.keys(agent.sockets).length === 0);
  });

  test("an agent of the caller's outlives the backend, with all that others do through it", async () => {
    const agent = new Agent({ keepAlive: true });
    const { direct, backend, proxy, options } = await brokenBucket("minio", { agent });
    await direct.put("key", large);
    const { body } = await backend.open("key");
    const other = new S3Backend({ ...options, agent });
    await other.get("key");
    await other.close();
    expect(Buffer.compare(Buffer.from(await new Response(body).arrayBuffer()), large)).toBe(0);
    expect(seen(proxy)).toEqual(["GET", "GET"]);
    agent.destroy();
  });

  test("calls one after the other share their connections, whatever they are answered", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio");
    await direct.put("large", large);
    for (let round = 0; round < 5; round++) {
      const { etag } = await backend.put("key", "text");
      await backend.put("key", new Blob(["text"]).stream());
      await backend.getMetadata("key");
      await backend.get("key");
      await backend.get("large");
      await backend.get("key", { range: { start: 1, end: 2 } });
      await backend.listKeys();
      await backend.copy("key", "copy");
      expect(await backend.exists("none")).toBe(false);
      expect(await errorOf(backend.get("none"))).toMatchObject({ code: "FileNotFound" });
      expect(await errorOf(backend.get("key", { ifNoneMatch: etag }))).toMatchObject({ code: "NotModified" });
      expect(await errorOf(backend.get("key", { ifMatch: "no" }))).toMatchObject({
        code: "PreconditionFailed",
      });
      expect(await errorOf(backend.put("key", "x", { ifNoneMatch: "*" }))).toMatchObject({
        code: "PreconditionFailed",
      });
      await backend.delete("copy");
      await backend.deleteMany(["none"]);
    }
    // The next call may come before the end of an empty body was seen.
    expect(proxy.connections).toBeLessThanOrEqual(2);
  });

  test("500 puts that fail leave no upload", async () => {
    const { direct, backend, proxy, options } = await brokenBucket("minio", { partSize: part });
    const bytes = new Uint8Array(part);
    const failing = async function* (parts: number, signal?: AbortController): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 1000);
      for (let count = 0; count < parts; count++) yield bytes;
      if (signal === undefined) throw new Error("the source failed");
      signal.abort();
      yield bytes;
    };
    const put = async (index: number): Promise<void> => {
      const isLong = index % 10 === 0;
      const controller = index % 3 === 0 ? new AbortController() : undefined;
      const source = failing(isLong ? 2 : 0, controller);
      const error = await errorOf(backend.put(`key-${index}`, source, { signal: controller?.signal }));
      expect(error).toMatchObject({ code: controller ? "Aborted" : "SourceFailed" });
    };
    const left = Array.from({ length: 500 }, (_, index) => index).values();
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (const index of left) await put(index);
      }),
    );
    const begun = proxy.requests.filter(isOf("POST", "uploads"));
    expect(begun.length).toBeGreaterThanOrEqual(40);
    const { ListMultipartUploadsCommand } = await import("@aws-sdk/client-s3");
    const client = await direct.client();
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: options.bucket }));
    expect(Uploads).toEqual([]);
    expect(await direct.listKeys()).toEqual([]);
  });

  test("a put that is aborted while its upload begins leaves none", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", { partSize: part });
    const bytes = new Uint8Array(part);
    const controller = new AbortController();
    proxy.plan({ kind: "drip", bytes: 200, every: 300 }, { match: isOf("POST", "uploads") });
    const putting = errorOf(
      backend.put("key", new Blob([bytes, bytes]).stream(), { signal: controller.signal }),
    );
    await until(() => seen(proxy).includes("POST uploads") && proxy.requests.at(-1)?.status === 200);
    controller.abort();
    expect(await putting).toMatchObject({ code: "Aborted" });
    expect(await direct.sweep({ olderThan: 0 })).toEqual({ removed: 0 });
    expect(await direct.exists("key")).toBe(false);
  });

  test("neither warnings nor rejections that nobody sees", async () => {
    const complaints: unknown[] = [];
    const complain = (what: unknown): void => void complaints.push(what);
    const { warn } = console;
    console.warn = complain;
    process.on("warning", complain).on("unhandledRejection", complain);
    onTestFinished(() => {
      console.warn = warn;
      process.off("warning", complain).off("unhandledRejection", complain);
    });
    const timeouts = { connect: 1500 };
    const { direct, backend, proxy } = await brokenBucket("minio", { maxSockets: 2, timeouts });
    await direct.put("key", large);
    // The SDK's handler complains of requests that have waited for a socket that long.
    proxy.plan({ kind: "stall", at: "head" }, { times: 2 });
    const signal = AbortSignal.timeout(2500);
    await Promise.allSettled(Array.from({ length: 10 }, () => backend.get("key", { signal })));
    await Promise.allSettled(Object.values(drops).map((drop) => drop(backend)));
    expect(complaints).toEqual([]);
  });
});

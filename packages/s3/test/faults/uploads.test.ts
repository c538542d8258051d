import { type AddressInfo, createServer, type Socket } from "node:net";
import { S3Backend } from "@storage/s3";
import type { Fault } from "@storage/testing/faults";
import { describe, expect, onTestFinished, test } from "vitest";
import { available } from "../../../../scripts/requirements.ts";
import type { S3ServiceName as ServerName } from "../../../../scripts/s3-service.ts";
import {
  brokenBucket,
  bytesOf,
  cannedPlace,
  cannedService,
  errorDocument,
  errorOf,
  isOf,
  seen,
} from "./broken-bucket.ts";

const large = bytesOf(4 * 2 ** 20);
const partSize = 5 * 2 ** 20;
const parts = bytesOf(22 * 2 ** 20);
/** Milliseconds to the head, beside a second for each 64 KiB. */
const timeouts = { headers: 1500 };

const breaks: Readonly<Record<string, Fault>> = {
  "a reset": { kind: "reset", at: { upload: 2 ** 20 } },
  "a FIN": { kind: "end", at: { upload: 2 ** 20 } },
  "a reset behind the body": { kind: "reset", at: "head" },
};

function survivesBrokenUploads(server: ServerName): void {
  test.each(Object.entries(breaks))("%s in an upload: it is sent again, whole", async (_, fault) => {
    const { direct, backend, proxy } = await brokenBucket(server);
    proxy.plan(fault);
    const { etag } = await backend.put("key", large, { ifNoneMatch: "*" });
    expect(seen(proxy)).toEqual(["PUT", "PUT"]);
    expect((await direct.getMetadata("key")).etag).toBe(etag);
    expect(Buffer.compare(await direct.get("key"), large)).toBe(0);
  });

  test.each(Object.entries(breaks))("%s in an upload, every time: what was there stays", async (_, fault) => {
    const { direct, backend, proxy } = await brokenBucket(server, { maxAttempts: 2 });
    await direct.put("key", "old");
    proxy.plan(fault, { times: Number.POSITIVE_INFINITY });
    const error = await errorOf(backend.put("key", large));
    expect(error).toMatchObject({ code: "Unavailable", retryable: true, outcome: "unknown" });
    expect(seen(proxy)).toEqual(["PUT", "PUT"]);
    expect(await (await direct.open("key")).text()).toBe("old");
  });

  test.each(Object.entries(breaks))(
    "%s in several parts: each is sent again, none else",
    async (_, fault) => {
      const { direct, backend, proxy } = await brokenBucket(server, { partSize });
      for (const number of [1, 3, 5]) proxy.plan(fault, { match: isOf("PUT", `partNumber=${number}`) });
      await backend.put("key", new Blob([parts]).stream());
      expect(seen(proxy).filter((request) => request === "PUT partNumber")).toHaveLength(5 + 3);
      expect(Buffer.compare(await direct.get("key"), parts)).toBe(0);
    },
  );

  test("a service that refuses a large body by its head is heard", async () => {
    const { direct, backend, proxy } = await brokenBucket(server);
    await direct.put("key", "old");
    const error = await errorOf(backend.put("key", parts, { ifNoneMatch: "*" }));
    expect(error).toMatchObject({ code: "PreconditionFailed", outcome: "not-applied" });
    expect(proxy.requests[0]?.status ?? 412).toBe(412);
    expect(await (await direct.open("key")).text()).toBe("old");
  });
}

describe.skipIf(!available("minio"))("uploads that break, minio", () => {
  survivesBrokenUploads("minio");

  test("an upload that stalls is begun again", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", { timeouts });
    const small = bytesOf(64 * 1024);
    proxy.plan({ kind: "stall", at: { upload: 1000 } });
    await backend.put("key", small);
    expect(seen(proxy)).toEqual(["PUT", "PUT"]);
    expect(Buffer.compare(await direct.get("key"), small)).toBe(0);
  });
});

describe.skipIf(!available("radosgw"))("uploads that break, radosgw", () => survivesBrokenUploads("radosgw"));

/** A service that answers 412 as soon as it has begun to read. */
async function hastyService(
  ending: (socket: Socket) => void,
): Promise<{ backend: S3Backend; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const body = errorDocument("PreconditionFailed");
  const head = `HTTP/1.1 412 Precondition Failed\r\nContent-Length: ${body.length}\r\nConnection: close`;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.once("data", () => {
      socket.pause().write(`${head}\r\n\r\n${body}`);
      ending(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const backend = new S3Backend({ ...cannedPlace, endpoint: `http://127.0.0.1:${port}`, maxAttempts: 2 });
  onTestFinished(async () => {
    await backend.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { backend, sockets };
}

test("bytes that came otherwise than they were sent are an IntegrityError", async () => {
  const { backend, proxy } = await cannedService();
  proxy.plan({ kind: "answer", status: 400, body: errorDocument("XAmzContentSHA256Mismatch") });
  const error = await errorOf(backend.put("key", "text"));
  expect(error).toMatchObject({ code: "Integrity", retryable: false, outcome: "not-applied" });
  expect(seen(proxy)).toEqual(["PUT"]);
});

describe("an answer that comes before the body was sent", () => {
  test.each([
    ["reads the rest", (socket: Socket) => void socket.resume()],
    ["says that it is the last, and reads the rest", (socket: Socket) => void socket.resume().end()],
    ["says that it is the last, and reads no more", (socket: Socket) => void socket.end()],
  ])("is heard where the service %s", async (_, ending) => {
    const { backend, sockets } = await hastyService(ending);
    const error = await errorOf(backend.put("key", parts, { ifNoneMatch: "*" }));
    expect(error).toMatchObject({ code: "PreconditionFailed", outcome: "not-applied" });
    expect(sockets.size).toBe(1);
  });

  test("is heard, or nobody knows, where the service closes at once", async () => {
    const { backend, sockets } = await hastyService((socket) => void socket.destroySoon());
    const error = await errorOf(backend.put("key", parts, { ifNoneMatch: "*" }));
    const heard = { code: "PreconditionFailed", outcome: "not-applied" };
    const unheard = { code: "Unavailable", outcome: "unknown" };
    expect([heard, unheard]).toContainEqual({
      code: Reflect.get(Object(error), "code"),
      outcome: Reflect.get(Object(error), "outcome"),
    });
    expect(sockets.size).toBeLessThanOrEqual(2);
  });
});

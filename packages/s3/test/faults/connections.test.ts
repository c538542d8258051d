import type { Fault } from "@storage/testing/faults";
import { describe, expect, test } from "vitest";
import { available } from "../../../../scripts/requirements.ts";
import { brokenBucket, bytesOf, cannedService, errorOf, seen } from "./broken-bucket.ts";

const always = { times: Number.POSITIVE_INFINITY };
const large = bytesOf(2 ** 20);

describe.skipIf(!available("minio"))("connections, minio", () => {
  const faults: readonly Fault[] = [
    { kind: "reset", at: "connect" },
    { kind: "end", at: "connect" },
    { kind: "stall", at: "connect" },
  ];

  test.each(faults)("some that are taken and met with $kind: the next one serves", async (fault) => {
    const [times, timeouts] = fault.kind === "stall" ? [1, { headers: 1500 }] : [3, {}];
    const { direct, backend, proxy } = await brokenBucket("minio", { timeouts });
    proxy.plan(fault, { times });
    await backend.put("key", "text", { ifNoneMatch: "*" });
    expect(proxy.connections).toBe(times + 1);
    expect(seen(proxy)).toEqual(["PUT"]);
    expect(await direct.exists("key")).toBe(true);
  });

  test("those that the service closes while nobody uses them cost one more try at most", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio");
    await direct.put("large", large);
    const use = async (): Promise<void> => {
      await Promise.all(Array.from({ length: 8 }, (_, index) => backend.put(`key-${index}`, "text")));
      await Promise.all(Array.from({ length: 4 }, () => backend.get("large")));
      await backend.put("stream", new Blob([large]).stream());
      expect((await backend.listKeys()).length).toBe(10);
    };
    for (let round = 0; round < 3; round++) {
      await use();
      proxy.disconnect();
    }
    await use();
  });

  test("a service that went away and came back is found again", async () => {
    const { direct, backend, proxy } = await brokenBucket("minio", { maxAttempts: 1 });
    await backend.put("key", "text");
    proxy.disconnect();
    proxy.plan({ kind: "reset", at: "connect" });
    await errorOf(backend.get("key"));
    await backend.get("key").catch(() => undefined);
    expect(await (await backend.open("key")).text()).toBe("text");
    expect(await direct.exists("key")).toBe(true);
  });

  test("where all of maxSockets are held by bodies that nobody reads, a call is a TimeoutError", async () => {
    const timeouts = { connect: 1000 };
    const { direct, backend, proxy } = await brokenBucket("minio", {
      maxSockets: 1,
      maxAttempts: 2,
      timeouts,
    });
    await direct.put("key", large);
    const held = await backend.open("key");
    const error = await errorOf(backend.put("other", "text"));
    expect(error).toMatchObject({ code: "Timeout", retryable: true });
    expect(seen(proxy)).toEqual(["GET"]);
    expect(Buffer.compare(await held.bytes(), large)).toBe(0);
    await backend.put("other", "text");
  });
});

test("where nobody listens, nothing was stored, and each call is tried again", async () => {
  const { backend, proxy } = await cannedService({ maxAttempts: 2 });
  await proxy.close();
  for (const call of [
    () => backend.put("key", "text"),
    () => backend.get("key"),
    () => backend.delete("key"),
  ])
    expect(await errorOf(call())).toMatchObject({
      code: "Unavailable",
      retryable: true,
      outcome: "not-applied",
    });
});

test("where nobody listens any more after a request whose reply was lost, nobody knows", async () => {
  const { backend, proxy } = await cannedService({ maxAttempts: 2 });
  proxy.plan({ kind: "reset", at: { upload: 1 } }, always);
  const putting = errorOf(backend.put("key", "text"));
  while (proxy.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await proxy.close();
  expect(await putting).toMatchObject({ code: "Unavailable", outcome: "unknown" });
});

test("a host that does not exist is a Configuration error", async () => {
  const { backend } = await cannedService({ endpoint: "http://storage.invalid", maxAttempts: 1 });
  const error = await errorOf(backend.get("key"));
  // A resolver that is down tells so instead.
  expect(["Configuration", "Unavailable"]).toContain(Reflect.get(Object(error), "code"));
});

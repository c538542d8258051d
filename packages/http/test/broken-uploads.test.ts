// Clients that go away while they upload, at moments that are random and the same in every run.
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { pattern } from "./site.ts";
import { type UploadServer, uploadServer } from "./upload-server.ts";

const count = 200;
const atOnce = 20;
const body = Buffer.from(pattern(2 * 1024 * 1024));
const mebibyte = 1024 * 1024;

/** From 0 up to 1, the same each time (Park and Miller). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** How an upload goes, and ends. */
interface Plan {
  readonly head: "declared" | "chunked";
  /** Bytes of the request that are sent, its head included. */
  readonly sent: number;
  readonly end: "close" | "reset" | "half-close";
}

const pick = <T>(next: () => number, ...choices: readonly [T, ...T[]]): T =>
  choices[Math.floor(next() * choices.length)] ?? choices[0];

/** Some in the head, some with nothing of the body or with all but a byte of it, most of them anywhere. */
function planOf(next: () => number): Plan {
  const head = pick(next, "declared" as const, "chunked" as const);
  const share = pick(next, next() * 0.0001, next(), next(), next(), 1);
  const end = pick(next, "close" as const, "reset" as const, "half-close" as const);
  return { head, sent: share, end };
}

function requestOf(link: string, { head }: Plan): Buffer {
  const { host, pathname, search } = new URL(link);
  const start = `PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/octet-stream\r\n`;
  if (head === "declared")
    return Buffer.concat([Buffer.from(`${start}Content-Length: ${body.length}\r\n\r\n`), body]);
  const chunks = [Buffer.from(`${start}Transfer-Encoding: chunked\r\n\r\n`)];
  const size = 100_000;
  for (let offset = 0; offset < body.length; offset += size) {
    const chunk = body.subarray(offset, offset + size);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n"));
  }
  return Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
}

async function breakOff(link: string, plan: Plan): Promise<void> {
  const request = requestOf(link, plan);
  const sent = Math.min(Math.floor(request.length * plan.sent), request.length - 1);
  const socket = connect(Number(new URL(link).port), "127.0.0.1");
  const closed = new Promise<void>((resolve) => socket.on("error", () => {}).on("close", () => resolve()));
  await once(socket, "connect");
  if (sent > 0)
    await new Promise<void>((resolve) => void socket.write(request.subarray(0, sent), () => resolve()));
  if (plan.end === "close") socket.destroy();
  if (plan.end === "reset") socket.resetAndDestroy();
  // What the server says to that is read: it ends the connection.
  if (plan.end === "half-close") socket.end().resume();
  await closed;
}

/** Of every two keys one holds something before. */
async function breakAll(server: UploadServer, plans: readonly Plan[]): Promise<void> {
  for (let start = 0; start < plans.length; start += atOnce) {
    const batch = plans.slice(start, start + atOnce).map(async (plan, index) => {
      const number = start + index;
      const link =
        number % 2 === 0 ? await server.link(`new/${number}`) : await server.link(`old/${number}`, "old");
      await breakOff(link, plan);
    });
    await Promise.all(batch);
  }
}

describe.skipIf(process.platform !== "linux")("uploads that the client breaks off", () => {
  test.each(["local", "memory"] as const)(
    "%s: 200 of them store nothing, and leave nothing",
    async (kind) => {
      const server = await uploadServer(kind);
      const next = random(1);
      const plans = Array.from({ length: count }, () => planOf(next));
      // The first ones bring what a process keeps for good: compiled code, threads, pools.
      await breakAll(server, plans);
      const settled = async () => {
        const held = await server.held();
        expect(held.connections).toBe(0);
        return held;
      };
      const before = await vi.waitFor(settled, { timeout: 10_000 });

      await breakAll(server, plans);
      const after = await vi.waitFor(settled, { timeout: 10_000 });
      expect(after.descriptors).toBe(before.descriptors);
      expect(after.temporaries).toBe(0);
      expect(after.heap).toBeLessThan(before.heap + 2 * mebibyte);
      expect(after.rss).toBeLessThan(before.rss + 64 * mebibyte);
      expect(after.failures).toEqual([]);
      const old = plans.map((_, number) => `old/${number}`).filter((_, number) => number % 2 === 1);
      expect(after.stored).toEqual(Object.fromEntries(old.map((key) => [key, 3])));
    },
  );
});

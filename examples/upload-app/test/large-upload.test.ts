import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { ask } from "./requests.ts";
import { folder, frameworks, site } from "./site.ts";

const mebibyte = 1024 * 1024;
const size = 1024 * mebibyte;

/**
 * As `npm run demo` has it. At Node's default of 16 MiB, V8 lets the 64 KiB buffers of a socket pile up: a
 * server that reads 1 GiB and throws it away then takes 85 MiB more than when idle (Node 24.21).
 */
const smallYoungHeap = "--max-semi-space-size=2";

interface Child {
  readonly origin: string;
  /** In bytes: now, and the most that it ever was. */
  memory(): Promise<{ readonly rss: number; readonly peak: number }>;
}

async function serve(framework: string): Promise<Child> {
  const child = fork(join(import.meta.dirname, "children/serve.ts"), [framework, await folder()], {
    execArgv: [smallYoungHeap, "--conditions=@storage/source"],
  });
  onTestFinished(async () => {
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  });
  const [{ origin }] = await once(child, "message");
  const memory: Child["memory"] = async () => {
    child.send({});
    const [answer] = await once(child, "message");
    return answer;
  };
  return { origin, memory };
}

/** A PUT with a body that is made as it goes. */
async function put(url: string, pieces: Iterable<Uint8Array>, length: number): Promise<number | undefined> {
  const sent = request(url, { method: "PUT", headers: { "content-length": length } });
  const answered = once(sent, "response");
  await pipeline(Readable.from(pieces, { objectMode: false }), sent);
  const [response] = await answered;
  response.resume();
  return response.statusCode;
}

function* repeated(piece: Uint8Array, length: number): Generator<Uint8Array> {
  for (let at = 0; at < length; at += piece.length) yield piece;
}

test.each(frameworks)(
  "with %s, 1 GiB comes through the server in the memory of a few chunks, and its progress can be asked for",
  async (framework) => {
    const { origin, memory } = await serve(framework);
    const piece = new Uint8Array(mebibyte).map((_, index) => (index * 31) % 251);
    // What is loaded on first use is no part of an upload.
    await put(`${origin}/api/files/small.bin`, [piece], piece.length);
    await vi.waitFor(async () =>
      expect((await ask(`${origin}/api/files/small.bin/state`)).json.state).toBe("ready"),
    );
    const idle = (await memory()).rss;

    const path = `${origin}/api/files/large.bin`;
    let status: number | undefined;
    const putting = put(path, repeated(piece, size), size).then((answered) => (status = answered));
    const seen: number[] = [];
    while (status === undefined) {
      const { json } = await ask(`${path}/state`);
      if (json.state === "uploading") {
        expect(json.total).toBe(size);
        seen.push(Number(json.loaded));
      }
      await Promise.race([putting, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
    expect(status).toBe(201);
    expect(seen.length).toBeGreaterThan(3);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));

    const hash = createHash("sha256");
    for (const one of repeated(piece, size)) hash.update(one);
    const sha256 = hash.digest("hex");
    await vi.waitFor(
      async () => expect((await ask(`${path}/state`)).json).toEqual({ state: "ready", sha256 }),
      { timeout: 30_000, interval: 100 },
    );
    const { peak } = await memory();
    expect((peak - idle) / mebibyte).toBeLessThan(64);
  },
);

test.each(frameworks)("with %s, an upload that its client breaks off leaves nothing", async (framework) => {
  const { origin, storage, basePath } = await site({ framework });
  const path = `${origin}/api/files/broken.bin`;
  const sent = request(path, { method: "PUT", headers: { "content-length": size } });
  sent.on("error", () => {}).write(new Uint8Array(4 * mebibyte));
  await vi.waitFor(async () => expect((await ask(`${path}/state`)).json.loaded).toBeGreaterThan(mebibyte));
  sent.destroy();
  await vi.waitFor(async () => expect((await ask(`${path}/state`)).status).toBe(404));
  expect(await storage.listKeys()).toEqual([]);
  const left = await readdir(basePath, { recursive: true, withFileTypes: true });
  expect(left.filter((entry) => entry.isFile())).toEqual([]);
});

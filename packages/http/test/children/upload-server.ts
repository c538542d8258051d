// A server in a process of its own, so that what it holds can be counted: it answers messages.
import { readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LocalBackend } from "@storage/local";
import { MemoryBackend } from "@storage/memory";
import { serveFiles, toNodeHandler } from "../../src/index.ts";

/** Of a server without clients. */
export interface Held {
  readonly connections: number;
  readonly descriptors: number;
  readonly temporaries: number;
  /** Bytes after a collection: of JavaScript, buffers included, and of the process. */
  readonly heap: number;
  readonly rss: number;
  /** By key, the sizes of all that is stored. */
  readonly stored: Readonly<Record<string, number>>;
  /** What `onError` was told. */
  readonly failures: readonly string[];
}

const [kind, basePath = ""] = process.argv.slice(2);
const failures: string[] = [];
const server = createServer();
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = server.address();
const port = typeof address === "object" ? address?.port : undefined;
const links = { baseUrl: `http://127.0.0.1:${port}/files`, secret: "a secret of a test, long enough" };
const backend =
  kind === "local" ? new LocalBackend({ ...links, basePath, durability: "none" }) : new MemoryBackend(links);
const onError = (error: unknown): void => void failures.push(String(error));
server.on("request", toNodeHandler(serveFiles(backend, { onError })));

async function held(): Promise<Held> {
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.();
    await delay(20);
  }
  const connections = await new Promise<number>((resolve) =>
    server.getConnections((_error, count) => resolve(count)),
  );
  const { rss, heapUsed, external } = process.memoryUsage();
  const stored: Record<string, number> = {};
  for await (const { key, size } of backend.list()) stored[key] = size;
  return {
    connections,
    descriptors: (await readdir("/proc/self/fd")).length,
    temporaries: kind === "local" ? (await readdir(join(basePath, ".storage/tmp"))).length : 0,
    heap: heapUsed + external,
    rss,
    stored,
    failures,
  };
}

/** A key to have a link for, which holds "old" before where it says so; or nothing, to be told what is held. */
export type Question = { readonly key: string; readonly old?: string | undefined } | null;

async function answer(question: Question): Promise<unknown> {
  if (question === null) return await held();
  if (question.old !== undefined) await backend.put(question.key, question.old);
  return (await backend.getUploadUrl(question.key)).url;
}

process.on("message", async ([id, question]: readonly [id: number, question: Question]) => {
  process.send?.([id, await answer(question)]);
});
process.send?.("ready");

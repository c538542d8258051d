// A server in a process of its own, so that what it holds can be counted: it answers messages.
import { readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LocalBackend } from "@storage/local";
import { MemoryBackend } from "@storage/memory";
import { acceptUpload, errorAnswer, type HttpHandler, serveFiles, toNodeHandler } from "../../src/index.ts";

/** What an upload goes through: a signed link, or a route that takes a form. */
export type Way = "a signed link" | "a form";

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
  /** What was no fault of the clients. */
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
const files = serveFiles(backend, { onError });
const formPrefix = "/forms/";

/** As an application has it; the name of a file is not looked at. */
const forms: HttpHandler = async (request) => {
  try {
    const { body } = await acceptUpload(request, { maxBytes: 10 * 1024 * 1024 });
    await backend.put(decodeURIComponent(request.url.slice(formPrefix.length)), body);
    return { status: 201, headers: {} };
  } catch (error) {
    const answer = errorAnswer(error, request);
    if (answer.status >= 500) onError(error);
    return answer;
  }
};

server.on("request", (req, res) => {
  toNodeHandler(req.url?.startsWith(formPrefix) ? forms : files)(req, res);
});

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

/** A key to upload to, which holds `old` before; or nothing, to be told what is held. */
export type Question = {
  readonly way: Way;
  readonly key: string;
  readonly old?: string | undefined;
} | null;

async function answer(question: Question): Promise<unknown> {
  if (question === null) return await held();
  if (question.old !== undefined) await backend.put(question.key, question.old);
  if (question.way === "a signed link") return (await backend.getUploadUrl(question.key)).url;
  return `http://127.0.0.1:${port}${formPrefix}${encodeURIComponent(question.key)}`;
}

process.on("message", async ([id, question]: readonly [id: number, question: Question]) => {
  process.send?.([id, await answer(question)]);
});
process.send?.("ready");

// A server in a process of its own, so that what it holds can be counted: it answers messages.
import { readdir } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { StorageBackend } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { MemoryBackend } from "@storage/memory";

/**
 * What an upload goes through: a signed link, that of a part of one, or a route that takes a form, which it
 * leaves to another parser, or not.
 */
export type Way = "a signed link" | "a part's link" | "a form" | "another parser's form";

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
  /** How many parts wait for the rest. */
  readonly parts: number;
  /** What was no fault of the clients. */
  readonly failures: readonly string[];
}

/** A key to upload to, which holds `old` before; or nothing, to be told what is held. */
export type Question = {
  readonly way: Way;
  readonly key: string;
  readonly old?: string | undefined;
  /** Bytes that are to come. */
  readonly size: number;
} | null;

/** Where forms go to, with their key after it: a route that takes at most `mostBytes`. */
export const formPrefix = "/forms/";
export const mostBytes: number = 10 * 1024 * 1024;

/** The application is told of what failed by no fault of a client, if at all, by `onError`. */
type MakeListener = (
  backend: StorageBackend,
  onError: (error: unknown) => void,
) => RequestListener | Promise<RequestListener>;

/** The program of `uploadServer`, with an application in it. */
export async function serveUploads(makeListener: MakeListener): Promise<void> {
  const [kind, basePath = ""] = process.argv.slice(2);
  const failures: string[] = [];
  const onError = (error: unknown): void => void failures.push(String(error));
  process.on("unhandledRejection", onError);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const links = { baseUrl: `http://127.0.0.1:${port}/files`, secret: "a secret of a test, long enough" };
  const backend =
    kind === "local"
      ? new LocalBackend({ ...links, basePath, durability: "none" })
      : new MemoryBackend(links);
  server.on("request", await makeListener(backend, onError));

  const held = async (): Promise<Held> => {
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
      parts: (await backend.signer?.parts?.listKeys())?.length ?? 0,
      failures,
    };
  };

  const answer = async (question: Question): Promise<unknown> => {
    if (question === null) return await held();
    const { way, key, old, size } = question;
    if (old !== undefined) await backend.put(key, old);
    if (way.endsWith("form")) return `http://127.0.0.1:${port}${formPrefix}${encodeURIComponent(key)}`;
    const parts = way === "a part's link";
    const upload = await backend.getUploadUrl(key, parts ? { parts, size } : {});
    return upload.parts?.urls[0] ?? upload.url;
  };
  process.on("message", async ([id, question]: readonly [id: number, question: Question]) => {
    process.send?.([id, await answer(question)]);
  });
  process.send?.("ready");
}

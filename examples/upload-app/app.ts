import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { StorageBackend } from "@storage/core";
import { errorAnswer, HttpError, toNodeHandler } from "@storage/http";

/** One of `express.ts`, `fastify.ts` and `hono.ts`: they answer the same. */
export type Framework = "express" | "fastify" | "hono";

export interface AppOptions {
  readonly framework: Framework;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Makes the storage, once it is known where the app is. It is closed with the app. */
  readonly storageFor: (origin: string) => StorageBackend | Promise<StorageBackend>;
}

export interface App {
  /** Where the page is, "http://localhost:8000". */
  readonly origin: string;
  readonly storage: StorageBackend;
  close(): Promise<void>;
}

/** The page, its API and, where links are ours, the files, all at one origin, for this machine only. */
export async function startApp({ framework, port, storageFor }: AppOptions): Promise<App> {
  // An hour, as `addStorage` sets it on a server of the app's own: Node ends an upload after 5 minutes.
  const server = createServer({ requestTimeout: 3_600_000 });
  // What comes before the storage is there waits for it.
  const ready = Promise.withResolvers<RequestListener>();
  server.on("request", async (req, res) => (await ready.promise)(req, res));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  let storage: StorageBackend | undefined;
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await storage?.close();
  };
  try {
    const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    storage = await storageFor(origin);
    const answer = await listenerOf(framework, storage);
    ready.resolve((req, res) => (isForeign(req, origin) ? refuse : answer)(req, res));
    return { origin, storage, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function listenerOf(framework: Framework, storage: StorageBackend): Promise<RequestListener> {
  switch (framework) {
    case "express":
      return (await import("./express.ts")).expressApp(storage);
    case "fastify":
      return (await import("./fastify.ts")).fastifyApp(storage);
    case "hono":
      return (await import("./hono.ts")).honoApp(storage);
  }
}

/**
 * Other web pages can send requests to this machine, too: through a name of theirs that leads here, or across
 * origins, where browsers say who asks for a change.
 */
function isForeign({ method, headers }: IncomingMessage, origin: string): boolean {
  const changes = method !== "GET" && method !== "HEAD";
  const isOtherPage = headers.origin !== undefined && headers.origin !== origin;
  return `http://${headers.host}` !== origin || (changes && isOtherPage);
}

const refuse = toNodeHandler(async (request) =>
  errorAnswer(
    new HttpError(403, "PermissionDenied", "Only the page at this very address may do that."),
    request,
  ),
);

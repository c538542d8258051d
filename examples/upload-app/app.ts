import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { StorageBackend } from "@storage/core";
import { toNodeHandler } from "@storage/http";
import { LocalBackend } from "@storage/local";
import { routes } from "./routes.ts";

export interface AppOptions {
  /** 0 takes any that is free. */
  readonly port: number;
  /** The folder that the files are kept in. */
  readonly basePath: string;
  /** Seconds that a link to a file works. Default: 300. */
  readonly linkExpiresIn?: number;
}

export interface App {
  /** Where the page is, "http://localhost:8000". */
  readonly origin: string;
  readonly backend: StorageBackend;
  close(): Promise<void>;
}

/** The page, its API and the files, all at one origin, for this machine only. */
export async function startServer({ port, basePath, linkExpiresIn = 300 }: AppOptions): Promise<App> {
  const server = createServer();
  server.requestTimeout = 0; // a large upload may take longer than Node's 5 minutes
  server.listen(port, "127.0.0.1");
  await once(server, "listening");

  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const backend = new LocalBackend({
    basePath,
    baseUrl: `${origin}/files`,
    secret: process.env.STORAGE_URL_SECRET || randomUUID(), // links need not outlive the demo
    urlExpiresIn: linkExpiresIn,
  });
  server.on("request", toNodeHandler(routes(backend, origin)));

  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await backend.close();
  };
  return { origin, backend, close };
}

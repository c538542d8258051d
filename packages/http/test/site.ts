import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StorageBackend } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { MemoryBackend, type MemoryBackendOptions } from "@storage/memory";
import { onTestFinished } from "vitest";
import { type ServeFilesOptions, serveFiles, toNodeHandler } from "../src/index.ts";

export const secret = "a secret of a test, long enough";

export interface Site {
  readonly server: Server;
  readonly port: number;
  readonly backend: StorageBackend;
}

type Make = (options: MemoryBackendOptions) => StorageBackend;

/** What stores differently, and is served alike. */
export const backends: readonly (readonly [name: string, make: Make])[] = [
  ["MemoryBackend", (options) => new MemoryBackend(options)],
  ["LocalBackend", (options) => new LocalBackend({ ...options, basePath: folder(), durability: "none" })],
];

/** Gone when the test ends. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "storage-http-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A server with the files of one backend, both gone when the test ends. */
export async function site(
  options: ServeFilesOptions = {},
  make: Make = (given) => new MemoryBackend(given),
): Promise<Site> {
  const server = createServer();
  const port = await listening(server);
  const backend = make({ baseUrl: `http://127.0.0.1:${port}/files`, secret });
  onTestFinished(() => backend.close());
  server.on("request", toNodeHandler(serveFiles(backend, options)));
  return { server, port, backend };
}

export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** As an application ends it; nothing where it has ended. */
export async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  const end = new Promise((resolve) => server.once("close", resolve));
  server.close();
  server.closeAllConnections();
  await end;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends the link byte for byte, and shows the answer as it came: `fetch` does neither. */
export function raw(
  link: string,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<RawAnswer> {
  const [, host = "", port = "", path = ""] = /^http:\/\/([^:/]+):(\d+)(.*)$/.exec(link) ?? [];
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host, port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: Buffer.concat(chunks) });
      });
    });
    request.on("error", reject).end();
  });
}

/** Of `length` bytes, none like its neighbours. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) % 251);
}

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StorageBackend } from "@storage/core";
import { serveFiles, toNodeHandler } from "@storage/http";
import { build } from "esbuild";
import { onTestFinished } from "vitest";

export const secret = "a secret of a test, long enough";

/** Gone when the test ends. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "storage-browser-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const html = `<!doctype html><title>upload</title><link rel="icon" href="data:,"><input type="file">
<script type="module">
  import { pendingUpload, upload } from "./browser.js";
  Object.assign(globalThis, { browser: { pendingUpload, upload } });
</script>`;

let script: Promise<Uint8Array> | undefined;

/** The package as a page loads it. */
async function bundled(): Promise<Uint8Array> {
  const entryPoints = [join(import.meta.dirname, "../src/index.ts")];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: "esm", write: false });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

/** Of `size` bytes, none like its neighbours. */
export function pattern(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at++) bytes[at] = (at * 7 + (at >> 8)) % 251;
  return bytes;
}

export async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export interface Site<Backend> {
  readonly origin: string;
  readonly backend: Backend;
}

/** The page, the bytes of its files, and the links of one backend; all gone when the test ends. */
export async function startSite<Backend extends StorageBackend | undefined>(
  make: (baseUrl: string) => Backend,
): Promise<Site<Backend>> {
  script ??= bundled();
  const contents = await script;
  const server = createServer();
  const origin = await listening(server);
  const backend = make(`${origin}/files`);
  const files = backend && toNodeHandler(serveFiles(backend));
  server.on("request", (request, response) => {
    const { url = "" } = request;
    if (url.startsWith("/files/") && files !== undefined) return files(request, response);
    const size = /^\/bytes\/(\d+)$/.exec(url)?.[1];
    const isScript = url === "/browser.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(size === undefined ? (isScript ? contents : html) : pattern(Number(size)));
  });
  if (backend) onTestFinished(() => backend.close());
  return { origin, backend };
}

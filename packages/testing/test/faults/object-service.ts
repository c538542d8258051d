import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { FaultProxy } from "../../src/faults/index.ts";

/** A small object store over HTTP: the real thing behind the proxy. */
export interface ObjectService {
  readonly url: string;
  readonly server: Server;
  readonly objects: Map<string, Buffer>;
  /** Requests that were answered: "PUT /key". */
  readonly log: string[];
  /** Uploads that ended early. */
  readonly broken: string[];
  /** Answers that nobody took to their end. */
  readonly unfinished: string[];
  readonly connections: () => number;
}

async function handle(
  service: ObjectService,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = "", url = "" } = request;
  response.sendDate = false;
  response.once("close", () => {
    if (!response.writableFinished) service.unfinished.push(url);
  });
  if (method === "PUT") {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      service.broken.push(url);
      return;
    }
    service.objects.set(url, Buffer.concat(chunks));
  }
  service.log.push(`${method} ${url}`);
  const body = method === "PUT" ? Buffer.from("stored") : service.objects.get(url.replace(/\?.*/, ""));
  if (body === undefined) response.writeHead(404, { "content-length": 0 }).end();
  else if (url.endsWith("?chunked")) {
    const isChunked = request.httpVersion === "1.1";
    response.writeHead(200, isChunked ? { trailer: "x-sum" } : {});
    for (let start = 0; start < body.length; start += 1000)
      response.write(body.subarray(start, start + 1000));
    if (isChunked) response.addTrailers({ "x-sum": "7" });
    response.end();
  } else response.writeHead(200, { "content-length": body.length, etag: '"e"' }).end(body);
}

export async function objectService(): Promise<ObjectService> {
  let connections = 0;
  const server = createServer((request, response) => void handle(service, request, response));
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const service: ObjectService = {
    url: `http://127.0.0.1:${port}`,
    server,
    objects: new Map([["/key", Buffer.from("0123456789".repeat(1000))]]),
    log: [],
    broken: [],
    unfinished: [],
    connections: () => connections,
  };
  return service;
}

/** The service with a proxy in front of it; both go with the test. */
export async function brokenService(): Promise<{ service: ObjectService; proxy: FaultProxy }> {
  const service = await objectService();
  const proxy = await FaultProxy.start({ target: service.url });
  onTestFinished(() => proxy.close());
  return { service, proxy };
}

export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { bodyWasRead } from "./body-was-read.ts";
import { patience } from "./drain.ts";
import type { HttpAnswer } from "./http-answer.ts";
import type { HttpHandler } from "./http-handler.ts";
import type { HttpRequest } from "./http-request.ts";

/**
 * For `node:http`, and whatever hands on its `req` and `res`. Nothing may have read the body before.
 * Node ends a request that takes longer than the server's `requestTimeout`, 5 minutes by default:
 * raise it for uploads that take longer.
 */
export function toNodeHandler(handler: HttpHandler): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    const client = new AbortController();
    res.once("close", () => {
      if (!res.writableFinished) client.abort(new Error("the client went away"));
    });
    handler(requestOf(req, client.signal))
      .then((answer) => send(answer, req, res))
      .catch(() => res.destroy());
  };
}

export function requestOf(req: IncomingMessage, signal: AbortSignal): HttpRequest {
  return {
    method: req.method ?? "GET",
    url: urlOf(req),
    headers: { get: (name) => headerOf(req, name) },
    body: { [Symbol.asyncIterator]: () => bodyOf(req) },
    signal,
  };
}

/** Without `destroy`, and left without harm: the socket has still to carry the answer. */
function bodyOf(req: IncomingMessage): AsyncIterator<Uint8Array> {
  if (req.readableDidRead) throw bodyWasRead();
  return req.iterator({ destroyOnReturn: false });
}

/** As the client sent it: routers cut their prefix off `url`, which a signature covers. */
export function urlOf(req: IncomingMessage): string {
  const original: unknown = Reflect.get(req, "originalUrl");
  return typeof original === "string" ? original : (req.url ?? "/");
}

function headerOf(req: IncomingMessage, name: string): string | null {
  const value = req.headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(", ") : (value ?? null);
}

async function send(
  { status, headers, body = "" }: HttpAnswer,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const content = typeof body === "string" ? new TextEncoder().encode(body) : body;
  if (res.destroyed) return drop(content);
  // A request that a test made up has an end, and never says that it is complete.
  const unread = !req.complete && !req.readableEnded;
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  if (unread && req.httpVersionMajor === 1) res.setHeader("connection", "close");
  if (isStream(content)) await pump(content, res);
  else if (content.length > 0) writeWhole(content, res);
  if (unread) endLater(req, res);
  else res.end();
}

type Content = Exclude<HttpAnswer["body"], string | undefined>;

const isStream = (content: Content): content is ReadableStream<Uint8Array<ArrayBuffer>> =>
  "getReader" in content;

async function drop(content: Content): Promise<void> {
  if (isStream(content)) await content.cancel();
}

function writeWhole(bytes: Uint8Array, res: ServerResponse): void {
  if (!res.hasHeader("content-length")) res.setHeader("content-length", bytes.length);
  res.write(bytes);
}

/** No faster than the client reads; a client that goes away frees what the stream holds, also while it waits. */
async function pump(stream: ReadableStream<Uint8Array>, res: ServerResponse): Promise<void> {
  const reader = stream.getReader();
  res.once("close", () => reader.cancel().catch(() => {}));
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    if (!res.write(step.value)) await drained(res);
  }
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      res.off("drain", done).off("close", done);
      resolve();
    };
    if (res.destroyed) resolve();
    else res.once("drain", done).once("close", done);
  });
}

/**
 * To close under a client that still sends resets the connection, and takes the answer with it
 * (RFC 9112, 9.6): the answer is out, and what comes is thrown away for a while.
 */
function endLater(req: IncomingMessage, res: ServerResponse): void {
  const end = (): void => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(end, patience);
  res.flushHeaders();
  req.once("end", end).once("close", end).resume();
}

import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { StorageBackend } from "@storage/core";
import { onTestFinished } from "vitest";
import { type AcceptOptions, acceptUpload, errorAnswer, toNodeHandler } from "../src/index.ts";
import { backends, listening, secret } from "./site.ts";
import { formType } from "./upload-form.ts";

export interface UploadSite {
  readonly backend: StorageBackend;
  readonly url: string;
  /** What `acceptUpload` or the put threw, in their order. */
  readonly failures: readonly unknown[];
  /** How many requests were answered. */
  readonly answers: { count: number };
}

type Make = (typeof backends)[number][1];

export interface Stored {
  readonly status: number;
  readonly json: {
    readonly key?: string;
    readonly fileName?: string;
    readonly size?: number;
    readonly contentType?: string;
    readonly fields?: Record<string, string>;
    readonly error?: string;
    readonly message?: string;
  };
}

/** A server with one route, which stores what it is sent under the key of its name. */
export async function uploadSite(
  options: Partial<AcceptOptions> = {},
  make: Make | undefined = backends[0]?.[1],
): Promise<UploadSite> {
  if (make === undefined) throw new Error("there is no backend");
  const backend = make({ secret });
  onTestFinished(() => backend.close());
  const failures: unknown[] = [];
  const answers = { count: 0 };
  const handle = toNodeHandler(async (request) => {
    try {
      const upload = await acceptUpload(request, { maxBytes: 1_000_000, ...options });
      const { fileName, contentType, fields } = upload;
      const { key, size } = await backend.put(upload.key, upload.body, { contentType });
      const body = JSON.stringify({ key, fileName, size, contentType, fields });
      return { status: 201, headers: {}, body };
    } catch (error) {
      failures.push(error);
      return errorAnswer(error, request);
    } finally {
      answers.count++;
    }
  });
  const port = await listening(createServer(handle));
  return { backend, url: `http://127.0.0.1:${port}/`, failures, answers };
}

/** Sends pieces as they are, in chunks of HTTP, no faster than they are taken. */
export async function send(
  url: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  headers: Record<string, string> = { "content-type": formType },
): Promise<Stored> {
  const request = httpRequest(url, { method: "POST", headers, agent: false });
  const answered = once(request, "response");
  const whileUnanswered = new AbortController();
  request.once("response", () => whileUnanswered.abort());
  const writing = write(request, pieces, whileUnanswered.signal);
  const [response] = (await answered) as [IncomingMessage];
  const body = Buffer.concat(await response.toArray()).toString();
  await writing;
  request.destroy();
  return { status: response.statusCode ?? 0, json: JSON.parse(body) };
}

async function write(
  request: ReturnType<typeof httpRequest>,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  request.on("error", () => {});
  for await (const piece of pieces) {
    if (signal.aborted) return;
    if (!request.write(piece)) await once(request, "drain", { signal }).catch(() => {});
  }
  request.end();
}

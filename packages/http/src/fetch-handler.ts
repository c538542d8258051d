import { bodyWasRead } from "./body-was-read.ts";
import { drain } from "./drain.ts";
import type { HttpHandler } from "./http-handler.ts";

/** For runtimes and frameworks that speak Fetch: a Web `Request` in, a `Response` out. */
export function toFetchHandler(handler: HttpHandler): (request: Request) => Promise<Response> {
  return async (request) => {
    const { method, url, headers: sent, signal } = request;
    let taken: ReadableStream<Uint8Array> | undefined;
    const held = {
      method,
      url,
      headers: sent,
      signal,
      get body() {
        const stream = request.body;
        if (stream === null) return null;
        if (request.bodyUsed || stream.locked) throw bodyWasRead();
        taken = stream;
        return drainedWhenLeft(stream);
      },
    };
    try {
      const { status, headers, body } = await handler(held);
      return new Response(body ?? null, { status, headers });
    } finally {
      if (taken?.locked === false) drain(taken.getReader()).catch(() => {});
    }
  };
}

function drainedWhenLeft(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      const reader = stream.getReader();
      const leave = async (): Promise<IteratorResult<Uint8Array>> => {
        drain(reader).catch(() => {});
        return { done: true, value: undefined };
      };
      return { next: () => reader.read(), return: leave };
    },
  };
}

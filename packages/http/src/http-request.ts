/** What a handler needs to know of a request. A Fetch `Request` is one, as it is. */
export interface HttpRequest {
  readonly method: string;
  /** As the client sent it, absolute or from the path on: once decoded or resolved it would name another key. */
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  readonly body?: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | null | undefined;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

/** What a handler says, before it becomes a `Response` or goes to Node's `res`. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whoever takes the answer reads the stream, or cancels it. None for HEAD, 204 and 304. */
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
}

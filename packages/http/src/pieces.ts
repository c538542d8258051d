import { abortError, StorageError } from "@storage/core";
import { drain } from "./drain.ts";
import { HttpError } from "./http-error.ts";
import { brokenOff } from "./refusals.ts";

/** What can be read once, piece by piece: a web stream, a Node stream, or anything else that is iterated so. */
export type Pieces = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

interface Reading {
  next(): Promise<IteratorResult<Uint8Array>>;
  /** Frees the source; what still comes of a Node stream is thrown away, so that an answer can follow. */
  drop(): Promise<unknown> | undefined;
}

/** The signals that end a body: of the request, when its client goes away, and of the caller. */
export interface Interruptions {
  readonly client?: AbortSignal | undefined;
  readonly caller?: AbortSignal | undefined;
}

/**
 * The source, where there is one, with its failures made ours: whatever it fails with, the client's upload broke off. A
 * signal ends it also while it is silent. Once begun, its end, its failure and its `return` leave no
 * listener behind.
 */
export async function* piecesOf(
  source: Pieces | null | undefined,
  { client, caller }: Interruptions = {},
): AsyncGenerator<Uint8Array, void> {
  if (!source) return;
  const reading = readingOf(source);
  let interrupt: ((error: Error) => void) | undefined;
  const gone = (): void => interrupt?.(brokenOff(client?.reason));
  const stopped = (): void => interrupt?.(abortError(caller?.reason));
  client?.addEventListener("abort", gone);
  caller?.addEventListener("abort", stopped);
  // One promise a piece: to race with one that lives as long as the upload would keep a note of each piece.
  const nextOrInterrupted = (): Promise<IteratorResult<Uint8Array>> =>
    new Promise((resolve, reject) => {
      interrupt = reject;
      if (caller?.aborted) stopped();
      else if (client?.aborted) gone();
      else reading.next().then(resolve, reject);
    });
  try {
    for (let step = await nextOrInterrupted(); !step.done; step = await nextOrInterrupted()) yield step.value;
  } catch (error) {
    throw failureOf(error);
  } finally {
    client?.removeEventListener("abort", gone);
    caller?.removeEventListener("abort", stopped);
    // Nothing waits for it: a source that is silent may answer late, or never.
    reading.drop()?.catch(() => {});
  }
}

function failureOf(error: unknown): Error {
  if (error instanceof Error && (StorageError.is(error) || HttpError.is(error))) return error;
  return brokenOff(error);
}

function readingOf(source: Pieces): Reading {
  if ("getReader" in source) {
    const reader = source.getReader();
    return { next: () => reader.read(), drop: () => drain(reader) };
  }
  if (!isNodeStream(source)) {
    const iterator = source[Symbol.asyncIterator]();
    return { next: () => iterator.next(), drop: () => iterator.return?.() };
  }
  const iterator = source.iterator({ destroyOnReturn: false });
  return {
    next: () => iterator.next(),
    drop: async () => {
      await iterator.return?.();
      source.resume();
    },
  };
}

interface NodeStream {
  iterator(options: { destroyOnReturn: boolean }): AsyncIterator<Uint8Array>;
  resume(): unknown;
}

const isNodeStream = (source: object): source is NodeStream => "iterator" in source && "resume" in source;

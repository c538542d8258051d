// Makes calls of a backend, one after the other or all at once, and tells how each of them ended. For tests that
// need another user, or other limits, than this process has.
import { readdirSync } from "node:fs";
import { inspect } from "node:util";
import { StorageError } from "@storage/core";
import { LocalBackend, type LocalBackendOptions } from "@storage/local";
import type { Attempt, AttemptEnd } from "../attempts.ts";

const given = JSON.parse(process.argv[2] ?? "{}") as {
  readonly options: LocalBackendOptions;
  readonly calls: readonly Attempt[];
  readonly atOnce: boolean;
  /** Permissions that new files shall not have. */
  readonly umask?: number;
};
if (given.umask !== undefined) process.umask(given.umask);
const backend = new LocalBackend({ ...given.options, secret: "a secret of this test" });

async function* inChunks(size: number): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < size; sent += 50_000) yield new Uint8Array(Math.min(50_000, size - sent));
}

async function made({ call, parameters = [], streamOf }: Attempt): Promise<unknown> {
  const all =
    streamOf === undefined ? parameters : [parameters[0], inChunks(streamOf), ...parameters.slice(2)];
  const method = Reflect.get(backend, call) as (...all: unknown[]) => unknown;
  const value: unknown = await method.call(backend, ...all);
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
}

async function ended(attempt: Attempt): Promise<AttemptEnd> {
  try {
    return { value: await made(attempt) };
  } catch (error) {
    if (!StorageError.is(error)) return { stranger: inspect(error) };
    const { code, retryable, outcome } = error;
    const text = [
      error.message,
      JSON.stringify(error),
      JSON.stringify(error.cause),
      inspect(error, { depth: 9 }),
    ];
    return { code, retryable, outcome, text: text.join("\n") };
  }
}

const ends: AttemptEnd[] = [];
if (given.atOnce) ends.push(...(await Promise.all(given.calls.map(ended))));
else for (const call of given.calls) ends.push(await ended(call));
const descriptors = process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
console.log(JSON.stringify({ ends, descriptors }));

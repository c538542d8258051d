import { StorageError } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { marked, verdictOf } from "./marked-objects.ts";

export interface WriteAndRead {
  readonly basePath: string;
  readonly key: string;
  readonly name: string;
  readonly rounds: number;
  readonly sizes: readonly number[];
}

export interface Tally {
  puts: number;
  reads: number;
  torn: number;
  mixed: number;
  missing: number;
  failures: string[];
}

const { basePath, key, name, rounds, sizes } = JSON.parse(process.argv[2] ?? "") as WriteAndRead;
const store = new LocalBackend({ basePath, secret: "a secret of this test" });
const tally: Tally = { puts: 0, reads: 0, torn: 0, mixed: 0, missing: 0, failures: [] };

function fail(what: string, error: unknown): void {
  const { cause } = error as Error;
  tally.failures.push(`${what}: ${error} (${cause})`);
}

async function write(writer: number, size: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const { body, ...attributes } = marked(`${name}${writer}-${round}`, size);
    try {
      await store.put(key, body, attributes);
      tally.puts++;
    } catch (error) {
      fail("put", error);
    }
  }
}

async function read(): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    try {
      const verdict = await verdictOf(store, key);
      tally.reads++;
      if (verdict !== "whole") tally[verdict]++;
    } catch (error) {
      if (StorageError.is(error, "FileNotFound")) tally.missing++;
      else fail("read", error);
    }
  }
}

await Promise.all(sizes.flatMap((size, writer) => [write(writer, size), read()]));
await store.close();
console.log(JSON.stringify(tally));

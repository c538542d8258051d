import { StorageError } from "@storage/core";
import { LocalBackend } from "@storage/local";

export interface ConditionalWrites {
  readonly basePath: string;
  readonly work: "create" | "increment" | "delete";
  readonly count: number;
  readonly name: string;
}

export interface ConditionalTally {
  readonly won: number;
  readonly refused: number;
  readonly failures: readonly string[];
}

const { basePath, work, count, name } = JSON.parse(process.argv[2] ?? "") as ConditionalWrites;
const store = new LocalBackend({ basePath, secret: "a secret of this test" });
let refused = 0;
const failures: string[] = [];

/** Whether it went through; refused is somebody else's win. */
async function attempt(call: () => Promise<unknown>): Promise<boolean> {
  try {
    return (await call()) !== false;
  } catch (error) {
    if (StorageError.is(error, "PreconditionFailed")) refused++;
    else failures.push(`${error}`);
    return false;
  }
}

async function create(): Promise<number> {
  const puts = Array.from({ length: count }, (_, index) =>
    attempt(() =>
      store.put("new", `${name}${index}`, { ifNoneMatch: "*", metadata: { by: `${name}${index}` } }),
    ),
  );
  return (await Promise.all(puts)).filter(Boolean).length;
}

/** Each counts one up, and again until it did. */
async function increment(): Promise<number> {
  let won = 0;
  while (won < count && failures.length === 0) {
    const object = await store.open("counter");
    const next = `${Number(await object.text()) + 1}`;
    if (await attempt(() => store.put("counter", next, { ifMatch: object.etag }))) won++;
  }
  return won;
}

/** Deletes what it has seen, and nothing newer. */
async function remove(): Promise<number> {
  const { etag } = await store.getMetadata("old");
  const deletes = Array.from({ length: count }, () => attempt(() => store.delete("old", { ifMatch: etag })));
  return (await Promise.all(deletes)).filter(Boolean).length;
}

const won = await { create, increment, delete: remove }[work]();
await store.close();
console.log(JSON.stringify({ won, refused, failures }));

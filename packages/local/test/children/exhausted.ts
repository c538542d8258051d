// Has no descriptor left when it writes for the first time; then it has, and tells the name of a temp file that it writes.
import fs from "node:fs";
import { join } from "node:path";
import { StorageError } from "@storage/core";
import { LocalBackend } from "@storage/local";

const [basePath = ""] = process.argv.slice(2);
const terms = { basePath, secret: "a secret of this test", durability: "none", maxAttempts: 1 } as const;
const backend = new LocalBackend(terms);
await backend.exists("key");
const taken: number[] = [];
try {
  for (;;) taken.push(fs.openSync("/dev/null", "r"));
} catch {
  // As many as there are.
}
const failures: unknown[] = [];
for (const call of [() => backend.get("key"), () => backend.put("key", "body"), () => backend.sweep()]) {
  await call().catch((error: unknown) => failures.push(StorageError.is(error) ? error.code : error));
}
for (const descriptor of taken) fs.closeSync(descriptor);

let names: string[] = [];
async function* body(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(600_000);
  names = fs.readdirSync(join(basePath, ".storage/tmp"));
}
await backend.put("key", body());
console.log(JSON.stringify({ failures, names }));

// Begins a put, a create-only one too, and ends them when its input ends. "begun" says that files are there.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LocalBackend } from "@storage/local";

const [basePath = ""] = process.argv.slice(2);
const backend = new LocalBackend({ basePath, secret: "a secret of this test" });
const { promise: asked, resolve: go } = Promise.withResolvers<void>();
process.stdin.on("end", go).resume();

async function* slowly(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(600_000).fill(1);
  await asked;
  yield new Uint8Array(600_000).fill(2);
}

const puts = [
  backend.put("slow", slowly(), { metadata: { of: "slow" } }),
  backend.put("new", slowly(), { metadata: { of: "new" }, ifNoneMatch: "*" }),
];
while ((await readdir(join(basePath, ".storage/tmp")).catch(() => [])).length < puts.length) await delay(10);
console.log("begun");
await Promise.all(puts);
console.log("stored");

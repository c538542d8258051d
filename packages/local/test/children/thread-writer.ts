// As `live-writer.ts`, in a thread of the process that sweeps.
import { parentPort, workerData } from "node:worker_threads";
import { LocalBackend } from "@storage/local";

const backend = new LocalBackend({ basePath: String(workerData), secret: "a secret of this test" });
const { promise: asked, resolve: go } = Promise.withResolvers<void>();
parentPort?.once("message", go);

async function* slowly(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(600_000).fill(1);
  parentPort?.postMessage("begun");
  await asked;
}

await backend.put("slow", slowly(), { metadata: { of: "slow" } });
parentPort?.postMessage("stored");

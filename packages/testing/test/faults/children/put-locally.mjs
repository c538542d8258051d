// Puts an object over another: `put-locally.mjs <basePath>`.
import { LocalBackend } from "@storage/local";
import { killable } from "@storage/testing/faults";

const backend = new LocalBackend({ basePath: process.argv[2] ?? "", secret: "a secret of this test" });
await backend.checkHealth();
await killable(() => backend.put("a/key", "new", { metadata: { of: "new" } }));

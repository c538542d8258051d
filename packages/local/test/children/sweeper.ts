// Opens a backend, which sweeps at its start, and sweeps; tells how much.
import { LocalBackend } from "@storage/local";

const [basePath = "", olderThan = "0"] = process.argv.slice(2);
const backend = new LocalBackend({ basePath, secret: "a secret of this test" });
await backend.exists("key");
const { removed } = await backend.sweep({ olderThan: Number(olderThan) });
console.log(removed);

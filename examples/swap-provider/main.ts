import { withPrefix } from "@storage/core";
import { backendCalled, names } from "./backends.ts";
import { keepNotes } from "./notes.ts";

const backend = backendCalled(process.argv[2] ?? "");
if (backend === undefined) {
  console.error(`Which storage? One of ${names.join(", ")}.`);
  process.exit(1);
}
try {
  await keepNotes(withPrefix(backend, "swap-provider/"), console.log);
} finally {
  await backend.close();
}

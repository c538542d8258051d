import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new folder, as its real path; it goes with the test. A concurrent test hands in its own `onTestFinished`. */
export async function temporaryFolder(whenFinished: typeof onTestFinished = onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), "storage-local-"));
  whenFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

import { type Environment, easyStorage } from "@storage/auto";
import type { StorageBackend } from "@storage/core";

/** What an application would meet under these variables, and what it is told. */
export async function storageUnder(
  env: Environment,
): Promise<{ readonly storage: StorageBackend; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const storage = await easyStorage({ env, log: (line) => lines.push(line) });
  return { storage, lines };
}

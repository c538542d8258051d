import { type Environment, readVariable } from "./environment.ts";
import { warn } from "./warn.ts";

let isTold = false;

/** Once in a process: memory is what is left where nothing was chosen, and loses every file. */
export function warnOfMemory(env: Environment): void {
  if (isTold) return;
  isTold = true;
  const lost =
    "No variable chooses a storage backend: files are kept in memory, and lost when this process ends";
  const advice = isProduction(env)
    ? "NODE_ENV is production: set STORAGE_BACKEND=local and STORAGE_BASE_PATH, or STORAGE_S3_BUCKET; STORAGE_BACKEND=memory says that it is meant."
    : "Set STORAGE_BACKEND before they matter.";
  warn(`${lost}. ${advice}`, "STORAGE_MEMORY_FALLBACK");
}

const isProduction = (env: Environment): boolean => readVariable(env, "NODE_ENV")?.trim() === "production";

// npm run demo -- [express|fastify|hono]: any backend, by environment alone; see README.md.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { detectBackend, easyStorage } from "@storage/auto";
import { ConfigurationError, type StorageBackend, StorageError } from "@storage/core";
import { type Framework, startApp } from "./app.ts";

const port = Number(process.env.PORT || 8000);
const frameworks: readonly Framework[] = ["express", "fastify", "hono"];
const wanted = process.argv[2] ?? "express";
const framework = frameworks.find((name) => name === wanted);

/** An application has `easyStorage()` and no more. The demo needs no set-up: it has its own folder, secret and port. */
function storageFor(origin: string): Promise<StorageBackend> {
  const { env } = process;
  const defaults = {
    STORAGE_BACKEND: detectBackend(env).variable ? env.STORAGE_BACKEND : "local",
    STORAGE_BASE_PATH: env.STORAGE_BASE_PATH || join(import.meta.dirname, "data"),
    STORAGE_BASE_URL: env.STORAGE_BASE_URL || `${origin}/files`,
    STORAGE_URL_SECRET: env.STORAGE_URL_SECRET || randomUUID(), // links need not outlive the demo
  };
  return easyStorage({ env: { ...env, ...defaults } });
}

try {
  if (framework === undefined) throw new ConfigurationError(`${wanted} is none of ${frameworks.join(", ")}`);
  const { origin, close } = await startApp({ framework, port, storageFor });
  console.log(`Upload files at ${origin} (${framework})`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, close);
} catch (error) {
  console.error(whatToDo(error));
  process.exitCode = 1;
}

function whatToDo(error: unknown): unknown {
  const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  if (taken) return `Port ${port} is taken: choose another one, PORT=8001 for example.`;
  return StorageError.is(error, "Configuration") ? error.reason : error;
}

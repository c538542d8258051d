import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type App, type AppOptions, startServer } from "../app.ts";

/** A folder that is gone when the test ends. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "upload-app-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** The app in an empty folder, both gone when the test ends. */
export async function site(options: Partial<AppOptions> = {}): Promise<App & { readonly basePath: string }> {
  const basePath = options.basePath ?? (await folder());
  const app = await startServer({ port: 0, basePath, ...options });
  onTestFinished(() => app.close());
  return { ...app, basePath };
}

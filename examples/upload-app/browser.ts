import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { chromiumPath } from "../../scripts/requirements.ts";

/** Chromium with nothing of its own to do: it asks no server but ours. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

type ContextOptions = Parameters<typeof chromium.launchPersistentContext>[1];

export interface Browser extends AsyncDisposable {
  readonly context: BrowserContext;
}

/** A headless browser with an empty profile, for the tests and for the picture in the README. */
export async function openBrowser(options: ContextOptions = {}): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), "upload-app-profile-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath() ?? "chromium",
    args: quiet,
    // Where no locale is set it takes file names for ASCII, and saves what is none as "download".
    env: { ...process.env, LC_ALL: "C.UTF-8" },
    ...options,
  });
  const close = async (): Promise<void> => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { context, [Symbol.asyncDispose]: close };
}

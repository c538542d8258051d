// Makes the pictures in docs/: pnpm screenshot [light|dark|large]. "large" is 1 GiB on its way to MinIO:
// node scripts/services/run.ts pnpm --filter upload-app screenshot large
import { mkdtemp, open, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StorageBackend } from "@storage/core";
import { LocalBackend } from "@storage/local";
import type { BrowserContext, Page } from "playwright-core";
import { withBucket } from "../../packages/s3/test/buckets.ts";
import { startApp } from "./app.ts";
import { openBrowser } from "./browser.ts";

const kind = process.argv[2] ?? "light";
const names = { light: "upload-app", dark: "upload-app-dark", large: "large-upload" };
const target = join(import.meta.dirname, `../../docs/${Reflect.get(names, kind)}.png`);
const folder = await mkdtemp(join(tmpdir(), "upload-app-"));
const elsewhere = await mkdtemp(join(tmpdir(), "upload-app-"));

/** Three skies over hills, since a page of files needs pictures. */
const landscapes: Readonly<Record<string, readonly [sky: string, sun: string, far: string, near: string]>> = {
  "Fjord, early morning.jpg": ["#f6d8c6,#8fb6c9", "#fff3e0", "#5d8598", "#2c4a5a"],
  "Orchard in May.jpg": ["#cfe8f3,#f3f7e4", "#fffbe8", "#9cbf84", "#54834f"],
  "Zürichsee at dusk.jpg": ["#3d3a67,#e48f6a", "#ffe0a8", "#5a4a72", "#2a2440"],
};

async function paint(context: BrowserContext, [sky, sun, far, near]: readonly string[]): Promise<Buffer> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 2000, height: 1500 });
  await page.setContent(`<style>body{margin:0;background:linear-gradient(${sky})}svg{display:block}</style>
    <svg viewBox="0 0 640 480"><circle cx="440" cy="190" r="60" fill="${sun}"/>
    <path d="M0 330Q110 190 220 290T430 260T640 300V480H0Z" fill="${far}"/>
    <path d="M0 400Q160 300 330 390T640 360V480H0Z" fill="${near}"/></svg>`);
  const picture = await page.screenshot({ type: "jpeg", quality: 90 });
  await page.close();
  return picture;
}

/** Some files of some days, in plain files whose times can be set. */
async function fill(storage: StorageBackend, context: BrowserContext): Promise<void> {
  for (const [name, colors] of Object.entries(landscapes))
    await storage.put(`uploads/${name}`, await paint(context, colors));
  await storage.put("uploads/Interview, part 1.mp3", new Uint8Array(18_420_118));
  await storage.put("uploads/Lease, signed.pdf", new Uint8Array(482_113));
  await storage.put("uploads/budget.csv", new Uint8Array(9_204));
  if (kind === "large") return;
  for (const [index, key] of (await storage.listKeys()).entries()) {
    const changed = Date.now() / 1000 - index * index * 61_200;
    await utimes(join(folder, key), changed, changed);
  }
}

/** A picture of the middle of an upload, over a network that is slow enough for one. */
async function shoot(page: Page, file: string, bytesPerSecond: number): Promise<void> {
  const network = await page.context().newCDPSession(page);
  const others = { offline: false, latency: 0, downloadThroughput: -1 };
  await network.send("Network.emulateNetworkConditions", { ...others, uploadThroughput: bytesPerSecond });
  await page.locator("#picker").setInputFiles(file);
  await page.waitForFunction(() => {
    const progress = globalThis.document.querySelector("progress");
    return progress !== null && progress.value > 0.6;
  });
  await page.screenshot({ path: target });
  await page.getByRole("button", { name: /^Cancel/ }).click();
  await page.locator("#uploads").waitFor({ state: "hidden" });
}

/** A film of nothing, which takes no room on the disk. */
async function film(name: string, bytes: number): Promise<string> {
  const path = join(elsewhere, name);
  const handle = await open(path, "w");
  await handle.truncate(bytes);
  await handle.close();
  return path;
}

const bucket = kind === "large" ? await withBucket("minio") : undefined;
const secret = "of this picture and no other";
const { origin, storage, close } = await startApp({
  framework: "express",
  port: 0,
  storageFor: (at) =>
    bucket?.backend ?? new LocalBackend({ basePath: folder, baseUrl: `${at}/files`, secret }),
});
const browser = await openBrowser({
  colorScheme: kind === "dark" ? "dark" : "light",
  viewport: { width: 1000, height: 880 },
  deviceScaleFactor: 1.5,
});
try {
  await fill(storage, browser.context);
  const page = await browser.context.newPage();
  await page.goto(origin);
  await page.locator(".thumbnail img").last().waitFor();
  if (kind === "large") await shoot(page, await film("Wedding, uncut.mov", 2 ** 30), 150_000_000);
  else await shoot(page, await film("Holiday film.mp4", 48_000_000), 12_000_000);
} finally {
  await browser[Symbol.asyncDispose]();
  await close();
  await bucket?.dispose();
  for (const path of [folder, elsewhere]) await rm(path, { recursive: true, force: true });
}

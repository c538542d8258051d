// Makes the picture of the README, docs/upload-app.png: pnpm screenshot [light|dark [file]]
import { mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { startServer } from "./app.ts";
import { openBrowser } from "./browser.ts";

const colorScheme = process.argv[2] === "dark" ? "dark" : "light";
const target =
  process.argv[3] ??
  join(import.meta.dirname, `../../docs/upload-app${colorScheme === "dark" ? "-dark" : ""}.png`);

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

const basePath = await mkdtemp(join(tmpdir(), "upload-app-"));
const { origin, backend, close } = await startServer({ port: 0, basePath });
const browser = await openBrowser({
  colorScheme,
  viewport: { width: 1000, height: 880 },
  deviceScaleFactor: 1.5,
});
try {
  const { context } = browser;
  for (const [name, colors] of Object.entries(landscapes))
    await backend.put(name, await paint(context, colors));
  await backend.put("Interview, part 1.mp3", new Uint8Array(18_420_118));
  await backend.put("Lease, signed.pdf", new Uint8Array(482_113));
  await backend.put("budget.csv", new Uint8Array(9_204));
  for (const [index, key] of (await backend.listKeys()).entries()) {
    const changed = Date.now() / 1000 - index * index * 61_200;
    await utimes(join(basePath, key), changed, changed);
  }

  const page = await context.newPage();
  await page.goto(origin);
  await page.locator(".thumbnail img").last().waitFor();
  // Slow enough for a picture of its middle.
  const network = await context.newCDPSession(page);
  await network.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: 12_000_000,
  });
  await page.locator("#picker").setInputFiles({
    name: "Holiday film.mp4",
    mimeType: "video/mp4",
    buffer: Buffer.alloc(48_000_000),
  });
  await page.waitForFunction(() => {
    const progress = globalThis.document.querySelector("progress");
    return progress !== null && progress.value > 0.6;
  });
  await page.screenshot({ path: target });
} finally {
  await browser[Symbol.asyncDispose]();
  await close();
  await rm(basePath, { recursive: true, force: true });
}

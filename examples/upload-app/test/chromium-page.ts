import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { type Browser, openBrowser } from "../browser.ts";
import { folder } from "./site.ts";

export const mebibyte: number = 1024 * 1024;
/** Browsers are slow where many tests run at once. */
export const patient: { readonly timeout: number } = { timeout: 20_000 };

/** A red dot. */
export const png: Buffer = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==",
  "base64",
);

/** Opens pages of the app, in one browser for all tests of the file. */
export function pages(): (origin: string, complaints?: readonly RegExp[]) => Promise<Page> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser({ viewport: { width: 1000, height: 900 } });
  }, 60_000);
  afterAll(() => browser[Symbol.asyncDispose]());

  /** Fails the test for whatever the browser complains of, the page's own policy included. */
  return async (origin, complaints = []) => {
    const page = await browser.context.newPage();
    const seen: string[] = [];
    page.on("pageerror", (error) => seen.push(String(error)));
    page.on("console", (message) => {
      const expected = complaints.some((complaint) => complaint.test(message.text()));
      if (message.type() === "error" && !expected) seen.push(message.text());
    });
    onTestFinished(async () => {
      await page.close();
      expect(seen).toEqual([]);
    });
    await page.goto(origin);
    await page.locator('#files[aria-busy="false"]').waitFor();
    return page;
  };
}

/** So that there is time to look: the bytes of an upload per second; -1 for as fast as it goes. */
export async function slowDown(page: Page, uploadThroughput: number): Promise<void> {
  const network = await page.context().newCDPSession(page);
  const others = { offline: false, latency: 0, downloadThroughput: -1 };
  await network.send("Network.emulateNetworkConditions", { ...others, uploadThroughput });
}

interface BigFile {
  readonly path: string;
  readonly sha256: string;
}

/** Called "big.bin". */
export async function bigFile(bytes: number): Promise<BigFile> {
  const path = join(await folder(), "big.bin");
  const content = randomBytes(bytes);
  await writeFile(path, content);
  return { path, sha256: createHash("sha256").update(content).digest("hex") };
}

interface ChosenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export const textFile = (name: string, text = "hello"): ChosenFile => ({
  name,
  mimeType: "text/plain",
  buffer: Buffer.from(text),
});

export const picker = (page: Page): Locator => page.locator("#picker");
export const names = (page: Page): Promise<string[]> => page.locator("tbody .open").allTextContents();
export const row = (page: Page, name: string): Locator => page.getByRole("row").filter({ hasText: name });

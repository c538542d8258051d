import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, test, vi } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { s3Service } from "../../../scripts/s3-service.ts";
import { bigFile, mebibyte, pages, patient, picker, png, row, slowDown } from "./chromium-page.ts";
import { isHere, site } from "./site.ts";

/** Of a storage without a file in it: what is on the way. A few bytes stay of an upload in parts, which say that it has ended. */
async function filesBelow(basePath: string): Promise<string[]> {
  const entries = await readdir(basePath, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return files.filter((name) => name !== "state");
}

describe.skipIf(!available("chromium"))("a large upload on the page", { timeout: 60_000 }, () => {
  const show = pages();

  test("uploads 50 MiB and shows how far it is", async () => {
    const { origin, storage } = await site();
    const page = await show(origin);
    await slowDown(page, 40 * mebibyte);
    await page.evaluate(() => {
      const seen = new Set<number>();
      Object.assign(globalThis, { seen });
      new MutationObserver(() => {
        const value = document.querySelector("progress")?.value;
        if (value !== undefined) seen.add(value);
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
    const { path, sha256 } = await bigFile(50 * mebibyte);
    await picker(page).setInputFiles(path);
    await row(page, "big.bin").waitFor();
    expect(await row(page, "big.bin").textContent()).toContain("52.4 MB");
    const seen = await page.evaluate(() => [...(Reflect.get(globalThis, "seen") as Set<number>)]);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(
      createHash("sha256")
        .update(await storage.get("uploads/big.bin"))
        .digest("hex"),
    ).toBe(sha256);
  });

  test.each([
    ["one", 10],
    ["one in parts", 50],
  ])("leaves nothing of an upload that is cancelled: %s", async (_what, size) => {
    const { origin, storage, basePath } = await site();
    const page = await show(origin);
    await slowDown(page, 5 * mebibyte);
    await picker(page).setInputFiles((await bigFile(size * mebibyte)).path);
    await vi.waitFor(async () => expect(await filesBelow(basePath)).not.toEqual([]), patient);
    await page.getByRole("button", { name: "Cancel big.bin" }).click();
    await page
      .getByRole("status")
      .filter({ hasText: "The upload of big.bin was cancelled." })
      .waitFor({ state: "attached" });
    expect(await page.locator("#uploads").isVisible()).toBe(false);
    await vi.waitFor(async () => expect(await filesBelow(basePath)).toEqual([]), patient);
    expect(await storage.listKeys()).toEqual([]);
    await page.reload();
    await page.getByText("No files yet").waitFor();
    expect(await page.locator("#unfinished").isVisible()).toBe(false);
  });

  /** The upload of a big file on `page`, reloaded when some of its parts are there. */
  async function interrupt(page: Page, path: string): Promise<void> {
    page.on("dialog", (dialog) => dialog.accept());
    await slowDown(page, 10 * mebibyte);
    await picker(page).setInputFiles(path);
    await page.waitForFunction(() => (document.querySelector("progress")?.value ?? 0) > 0.8);
    await page.reload();
    await page.getByText("choose it again to go on").waitFor();
  }

  test("goes on with an upload after a reload, when the file is chosen again", async () => {
    const { origin, storage } = await site();
    const page = await show(origin);
    const { path, sha256 } = await bigFile(50 * mebibyte);
    await interrupt(page, path);
    await slowDown(page, -1);
    const parts: string[] = [];
    page.on("request", (request) => request.method() === "PUT" && parts.push(request.url()));
    await picker(page).setInputFiles(path);
    await row(page, "big.bin").waitFor();
    expect(parts.length).toBeLessThan(7);
    expect(await page.locator("#unfinished").isVisible()).toBe(false);
    await page.reload();
    await row(page, "big.bin").waitFor();
    expect(await page.locator("#unfinished").isVisible()).toBe(false);
    expect(
      createHash("sha256")
        .update(await storage.get("uploads/big.bin"))
        .digest("hex"),
    ).toBe(sha256);
  });

  test("gives up an upload that was interrupted, and what is there of it", async () => {
    const { origin, basePath } = await site();
    const page = await show(origin);
    await interrupt(page, (await bigFile(50 * mebibyte)).path);
    expect(await filesBelow(basePath)).not.toEqual([]);
    await page.getByRole("button", { name: "Give up big.bin" }).click();
    await vi.waitFor(async () => expect(await filesBelow(basePath)).toEqual([]), patient);
    await page.reload();
    await page.getByText("No files yet").waitFor();
    expect(await page.locator("#unfinished").isVisible()).toBe(false);
  });

  describe.each(["minio", "radosgw"] as const)("on %s", (place) => {
    test.skipIf(!isHere(place))("sends files straight to the bucket, and shows them from there", async () => {
      const { origin, storage } = await site({ place });
      const page = await show(origin);
      const there = new Set<string>();
      page.on("request", (request) => request.method() === "PUT" && there.add(new URL(request.url()).origin));
      await picker(page).setInputFiles({ name: "b.png", mimeType: "image/png", buffer: png });
      await row(page, "b.png").waitFor();
      await picker(page).setInputFiles((await bigFile(20 * mebibyte)).path);
      await row(page, "big.bin").waitFor();
      const small = page.locator(".thumbnail img");
      await expect
        .poll(() => small.evaluate((image: HTMLImageElement) => image.naturalWidth), patient)
        .toBe(5);
      expect([...there]).toEqual([s3Service(place).endpoint]);
      expect((await storage.getMetadata("uploads/big.bin")).size).toBe(20 * mebibyte);
    });
  });
});

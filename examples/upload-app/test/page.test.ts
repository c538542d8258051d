import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { QuotaExceededError } from "@storage/core";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { bigFile, mebibyte, names, pages, patient, picker, png, row, textFile } from "./chromium-page.ts";
import { folder, site } from "./site.ts";

describe.skipIf(!available("chromium"))("the page", { timeout: 60_000 }, () => {
  const show = pages();

  test("says so while there is nothing, and can be used by keyboard", async () => {
    const { origin } = await site();
    const page = await show(origin);
    await page.getByText("No files yet").waitFor();
    expect(await page.getByRole("table").isVisible()).toBe(false);
    await page.bringToFront();
    await page.keyboard.press("Tab");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id), patient).toBe("picker");
    const outline = () => page.locator("label").evaluate((label) => getComputedStyle(label).outlineStyle);
    expect(await outline()).toBe("solid");
    await picker(page).setInputFiles(textFile("a.txt"));
    await row(page, "a.txt").waitFor();
    expect(await page.getByText("No files yet").isVisible()).toBe(false);
  });

  test("keeps the files when it is loaded again, and when the server starts again", async () => {
    const basePath = await folder();
    const first = await site({ basePath });
    const page = await show(first.origin);
    await picker(page).setInputFiles([
      textFile("a.txt"),
      { name: "b.png", mimeType: "image/png", buffer: png },
    ]);
    await row(page, "a.txt").waitFor();
    await row(page, "b.png").waitFor();
    await page.reload();
    await row(page, "b.png").waitFor();
    expect(await names(page)).toEqual(["a.txt", "b.png"]);
    const small = page.locator(".thumbnail img");
    await expect.poll(() => small.evaluate((image: HTMLImageElement) => image.naturalWidth), patient).toBe(5);
    await page.close();
    await first.close();
    const again = await show((await site({ basePath })).origin);
    expect(await names(again)).toEqual(["a.txt", "b.png"]);
    expect(await row(again, "b.png").textContent()).toContain("image/png");
  });

  test("downloads a file under its own name, with its bytes", async () => {
    const { origin } = await site();
    const page = await show(origin);
    const name = "Résumé “100%” – 履歴書 🏔.bin";
    const content = randomBytes(300_000);
    await picker(page).setInputFiles({ name, mimeType: "application/octet-stream", buffer: content });
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: `Download ${name}` }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(name);
    expect((await readFile(await download.path())).equals(content)).toBe(true);
  });

  test("opens a file by a link that, once it has expired, says so", async () => {
    const { origin } = await site({ urlExpiresIn: 2 });
    const page = await show(origin, [/403/]);
    await picker(page).setInputFiles(textFile("a.txt", "the text"));
    const [opened] = await Promise.all([
      page.waitForEvent("popup"),
      page.getByRole("link", { name: "a.txt", exact: true }).click(),
    ]);
    await opened.getByText("the text").waitFor();
    await vi.waitFor(
      async () => {
        await opened.reload();
        expect(await opened.getByText("The link has expired.").isVisible()).toBe(true);
      },
      { ...patient, interval: 300 },
    );
    await opened.close();
  });

  test("asks before it deletes", async () => {
    const { origin, storage } = await site();
    await storage.put("uploads/a.txt", "hello");
    await storage.put("uploads/b.txt", "hello");
    const page = await show(origin);
    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: "Delete a.txt" }).click();
    expect(await dialog.textContent()).toContain("a.txt cannot be brought back.");
    await dialog.getByRole("button", { name: "Keep it" }).click();
    expect(await names(page)).toEqual(["a.txt", "b.txt"]);
    await page.getByRole("button", { name: "Delete b.txt" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await row(page, "b.txt").waitFor({ state: "detached" });
    expect(await storage.listKeys()).toEqual(["uploads/a.txt"]);
  });

  test("shows a picture small in its row, and large on request", async () => {
    const { origin, storage } = await site();
    await storage.put("uploads/dot.png", png);
    const page = await show(origin);
    const small = page.locator(".thumbnail img");
    await expect.poll(() => small.evaluate((image: HTMLImageElement) => image.naturalWidth), patient).toBe(5);
    await page.getByRole("button", { name: "Preview dot.png" }).click();
    const large = page.getByRole("dialog").getByRole("img", { name: "dot.png" });
    await expect.poll(() => large.evaluate((image: HTMLImageElement) => image.naturalWidth), patient).toBe(5);
    await page.keyboard.press("Escape");
    await large.waitFor({ state: "hidden" });
  });

  test("turns pages", async () => {
    const { origin, storage } = await site();
    const keys = Array.from({ length: 41 }, (_, index) => `file ${String(index).padStart(2, "0")}.txt`);
    for (const key of keys) await storage.put(`uploads/${key}`, "x");
    const page = await show(origin);
    const turn = async (to: string, expected: readonly string[]): Promise<void> => {
      await page.getByRole("button", { name: to }).click();
      await expect.poll(() => names(page), patient).toEqual(expected);
    };
    expect(await names(page)).toEqual(keys.slice(0, 20));
    expect(await page.getByRole("button", { name: "Previous" }).isDisabled()).toBe(true);
    await turn("Next", keys.slice(20, 40));
    await turn("Next", keys.slice(40));
    expect(await page.getByText("Page 3").isVisible()).toBe(true);
    expect(await page.getByRole("button", { name: "Next" }).isDisabled()).toBe(true);
    await turn("Delete file 40.txt", keys.slice(40));
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect.poll(() => names(page), patient).toEqual(keys.slice(20, 40));
    await turn("Previous", keys.slice(0, 20));
  });

  test("takes files that are dropped, and gives a second one of the same name a number", async () => {
    const { origin, storage } = await site();
    await storage.put("uploads/a.txt", "first");
    const page = await show(origin);
    const dataTransfer = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["second"], "a.txt", { type: "text/plain" }));
      return transfer;
    });
    await page.dispatchEvent("body", "drop", { dataTransfer });
    await page.getByText("Stored as a (2).txt").waitFor();
    await expect.poll(() => names(page), patient).toEqual(["a (2).txt", "a.txt"]);
    expect(new TextDecoder().decode(await storage.get("uploads/a.txt"))).toBe("first");
    expect(new TextDecoder().decode(await storage.get("uploads/a (2).txt"))).toBe("second");
  });

  test("says in words why an upload was refused, also in the middle of it", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    onTestFinished(() => log.mockRestore());
    const { origin, storage } = await site();
    const page = await show(origin, [/507/]);
    const reason = new QuotaExceededError("the disk is full");
    vi.spyOn(storage, "put").mockRejectedValue(reason);
    await picker(page).setInputFiles((await bigFile(20 * mebibyte)).path);
    await page.getByText("There is no space left for the file.", { exact: true }).waitFor();
    expect(log).toHaveBeenCalledExactlyOnceWith(reason);
    await page.getByRole("button", { name: "Dismiss big.bin" }).click();
    expect(await page.locator("#uploads").isVisible()).toBe(false);
  });

  test.each(["fastify", "hono"] as const)("stores, opens and deletes with %s, too", async (framework) => {
    const { origin, storage } = await site({ framework });
    const page = await show(origin);
    await picker(page).setInputFiles(textFile("a.txt", "the text"));
    await row(page, "a.txt").waitFor();
    await picker(page).setInputFiles((await bigFile(20 * mebibyte)).path);
    await row(page, "big.bin").waitFor();
    const [opened] = await Promise.all([
      page.waitForEvent("popup"),
      page.getByRole("link", { name: "a.txt", exact: true }).click(),
    ]);
    await opened.getByText("the text").waitFor();
    await opened.close();
    await page.getByRole("button", { name: "Delete big.bin" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await row(page, "big.bin").waitFor({ state: "detached" });
    expect(await storage.listKeys({ prefix: "uploads/" })).toEqual(["uploads/a.txt"]);
  });

  test("says so when the server is gone", async () => {
    const { origin, close } = await site();
    const page = await show(origin, [/ERR_CONNECTION_REFUSED/]);
    await close();
    await picker(page).setInputFiles(textFile("a.txt"));
    await page.getByText("The server does not answer. Is it still running?", { exact: true }).waitFor();
  });
});

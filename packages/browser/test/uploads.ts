import type { SignedUpload } from "@storage/core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { type Browser, openBrowser } from "../../../examples/upload-app/browser.ts";
import type { pendingUpload, UploadError, UploadResult, upload } from "../src/index.ts";

/** A file that the page makes; its bytes are `pattern(size)`. */
export interface FileTerms {
  readonly size: number;
  readonly name?: string;
  readonly lastModified?: number;
  readonly type?: string;
}

export interface UploadTerms {
  readonly concurrency?: number;
  readonly scope?: string;
  readonly remember?: boolean;
}

type Failure = Pick<UploadError, "name" | "message" | "code" | "status" | "retryable" | "outcome">;

/** What a call came to, in the page. */
export interface Uploaded {
  readonly result?: UploadResult;
  readonly error?: Failure;
  readonly progress: readonly { readonly loaded: number; readonly total: number }[];
}

/** As the page has it: see the scripts in `prepare` and in the page of `startSite`. */
interface InPage {
  readonly browser: { readonly upload: typeof upload; readonly pendingUpload: typeof pendingUpload };
  fileOf(terms: FileTerms): Promise<File>;
  cancelling: AbortController;
}

/** A browser for the tests of a `describe`; each page of it is gone when its test ends. */
export function withPages(): (origin: string) => Promise<Page> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());
  return async (origin) => {
    const page = await browser.context.newPage();
    onTestFinished(() => page.close());
    await openUploader(page, origin);
    return page;
  };
}

export async function openUploader(page: Page, origin: string): Promise<void> {
  await page.goto(origin);
  await page.waitForFunction(() => "browser" in globalThis);
  await page.evaluate(() => {
    const files = new Map<string, File>();
    const fileOf = async ({ size, name = "file.bin", lastModified = 1e12, type = "" }: FileTerms) => {
      const picked = document.querySelector("input")?.files?.[0];
      if (picked) return picked;
      const known = JSON.stringify([size, name, lastModified, type]);
      const blob = await (await fetch(`/bytes/${size}`)).blob();
      const file = files.get(known) ?? new File([blob], name, { lastModified, type });
      files.set(known, file);
      return file;
    };
    Object.assign(globalThis, { fileOf, cancelling: new AbortController() });
  });
}

/** Runs `upload` in the page. A file that was picked there goes before the one that is described. */
export function uploaded(
  page: Page,
  signed: SignedUpload | undefined,
  file: FileTerms,
  terms: UploadTerms = {},
): Promise<Uploaded> {
  return page.evaluate(
    async ([json, file, terms]) => {
      const { browser, fileOf, cancelling } = globalThis as unknown as InPage;
      const progress: { loaded: number; total: number }[] = [];
      const onProgress = (seen: { loaded: number; total: number }): number => progress.push(seen);
      const options = { ...terms, signal: cancelling.signal, onProgress };
      try {
        const result = await browser.upload(JSON.parse(json), await fileOf(file), options);
        return { result, progress };
      } catch (error) {
        const { name, message, code, status, retryable, outcome } = error as UploadError;
        return { error: { name, message, code, status, retryable, outcome }, progress };
      }
    },
    [JSON.stringify(signed), file, terms] as const,
  );
}

export function pendingIn(page: Page, file: FileTerms, scope?: string): Promise<SignedUpload | undefined> {
  return page.evaluate(
    async ([file, scope]) => {
      const { browser, fileOf } = globalThis as unknown as InPage;
      return browser.pendingUpload(await fileOf(file), { scope }) as SignedUpload | undefined;
    },
    [file, scope] as const,
  );
}

export const cancel = (page: Page, reason: string): Promise<void> =>
  page.evaluate((reason) => (globalThis as unknown as InPage).cancelling.abort(new Error(reason)), reason);

/** How many things the page's origin has in localStorage. */
export const rememberedIn = (page: Page): Promise<number> => page.evaluate(() => localStorage.length);

import { withPrefix } from "@storage/core";
import { MemoryBackend } from "@storage/memory";
import { afterEach, describe, expect, test, vi } from "vitest";
import { raw, secret, site } from "./site.ts";

afterEach(() => vi.useRealTimers());

async function refusal(link: string, method = "GET"): Promise<[number, string]> {
  const { status, body } = await raw(link, { method });
  return [status, JSON.parse(body.toString()).message];
}

const invalid = [403, "The link's signature is not valid."];
const foreign = [403, "The link is not one of ours."];

describe("a link is refused, also for a file that is not there,", () => {
  test.each([
    ["expiry", (link: string) => link.replace(/expires=(\d)/, "expires=9$1"), invalid],
    ["signature", (link: string) => link.replace(/signature=./, "signature=_"), invalid],
    ["no signature", (link: string) => link.replace(/&signature=.*/, ""), invalid],
    ["an empty signature", (link: string) => link.replace(/signature=.*/, "signature="), invalid],
    ["no query", (link: string) => link.replace(/\?.*/, ""), invalid],
    ["disposition", (link: string) => link.replace("attachment", "inline"), invalid],
    ["no disposition", (link: string) => link.replace(/&disposition=[^&]*/, ""), invalid],
    ["type", (link: string) => link.replace("text%2Fcsv", "text%2Fhtml"), invalid],
    ["cache control", (link: string) => link.replace("no-cache", "public"), invalid],
    ["one more parameter", (link: string) => `${link}&x=1`, invalid],
    ["an empty parameter", (link: string) => `${link}&`, invalid],
    ["another key", (link: string) => link.replace("/a.txt", "/b.txt"), invalid],
    ["another way to write the slash", (link: string) => link.replace("/dir/", "/dir%2F"), foreign],
    ["a dot segment", (link: string) => link.replace("/dir/", "/dir/./"), foreign],
    ["a percent sign alone", (link: string) => link.replace("/dir/", "/%/"), foreign],
    ["another mount", (link: string) => link.replace("/files/", "/other/"), foreign],
    [
      "a parameter twice",
      (link: string) => `${link}&expires=9999999999`,
      [403, "The link names a parameter twice."],
    ],
    [
      "the signature twice",
      (link: string) => `${link}&signature=x`,
      [403, "The link names a parameter twice."],
    ],
  ])("with %s changed", async (_what, tamper, expected) => {
    const { backend } = await site();
    const options = { contentType: "text/csv", cacheControl: "no-cache", download: true, mustExist: false };
    const link = await backend.getUrl("dir/a.txt", options);
    expect(tamper(link)).not.toBe(link);
    expect(await refusal(tamper(link))).toEqual(expected);
    await backend.put("dir/a.txt", "hello");
    await backend.put("dir/b.txt", "secret");
    expect(await refusal(tamper(link))).toEqual(expected);
    expect((await raw(link)).status).toBe(200);
  });

  test("under another method", async () => {
    const { backend } = await site();
    await backend.put("a.txt", "hello");
    const link = await backend.getUrl("a.txt");
    const upload = await backend.getUploadUrl("a.txt");
    expect(await refusal(link, "PUT")).toEqual(invalid);
    expect(await refusal(upload.url, "GET")).toEqual(invalid);
    expect(await refusal(link, "DELETE")).toEqual([403, "The link does not allow this method."]);
    expect(await refusal(link, "POST")).toEqual([403, "The link does not allow this method."]);
    expect(await backend.get("a.txt")).toEqual(new TextEncoder().encode("hello"));
  });

  test("once it has expired", async () => {
    const { backend } = await site();
    await backend.put("a.txt", "hello");
    const link = await backend.getUrl("a.txt", { expiresIn: 60 });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    expect(await refusal(link)).toEqual([403, "The link has expired."]);
    await backend.delete("a.txt");
    expect(await refusal(link)).toEqual([403, "The link has expired."]);
  });
});

test("a link of another backend with the same secret and URL is refused", async () => {
  const { backend, port } = await site();
  const other = new MemoryBackend({ secret, baseUrl: `http://127.0.0.1:${port}/files` });
  await other.put("a.txt", "of the other");
  await backend.put("a.txt", "of this one");
  expect(await refusal(await other.getUrl("a.txt"))).toEqual(invalid);
});

test("a link serves the object of whoever signed it, whichever view the handler was given", async () => {
  const { backend, port } = await site({}, (options) => withPrefix(new MemoryBackend(options), "tenant-1/"));
  const all = backend.signer?.backend;
  const other = withPrefix(all ?? backend, "tenant-2/");
  await backend.put("a.txt", "of tenant 1");
  await other.put("a.txt", "of tenant 2");
  expect((await raw(await backend.getUrl("a.txt"))).body.toString()).toBe("of tenant 1");
  const link = await other.getUrl("a.txt");
  expect(link).toMatch(`http://127.0.0.1:${port}/files/tenant-2/a.txt?`);
  expect((await raw(link)).body.toString()).toBe("of tenant 2");
  expect(await refusal(link.replace("tenant-2", "tenant-1"))).toEqual(invalid);
});

test("a refusal does not say whether the signature or the file was there, nor repeat either", async () => {
  const { backend } = await site();
  await backend.put("a.txt", "hello");
  const link = (await backend.getUrl("a.txt")).replace(/signature=./, "signature=_");
  const { headers, body } = await raw(link);
  const signature = link.slice(link.indexOf("signature=") + 10);
  expect(body.toString() + JSON.stringify(headers)).not.toContain(signature);
  expect(headers["cache-control"]).toBe("no-store");
});

test("any of several secrets verifies, the first signs", async () => {
  const { backend } = await site({}, (options) => {
    const old = "an old secret that still counts";
    return new MemoryBackend({ ...options, secret: [secret, old] });
  });
  await backend.put("a.txt", "hello");
  expect((await raw(await backend.getUrl("a.txt"))).status).toBe(200);
});

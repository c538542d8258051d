import {
  Backend,
  driverOf,
  type Link,
  over,
  type SignedUpload,
  type StorageBackend,
  type UploadLink,
} from "@storage/core";
import { UrlSigner, type UrlSignerOptions } from "@storage/core/url-signer";
import { afterEach, describe, expect, test, vi } from "vitest";
import { keys } from "./conformance-data.ts";
import { failure } from "./expect-failure.ts";
import { MapDriver } from "./map-driver.ts";

const secret = "0123456789abcdef";

class SigningDriver extends MapDriver {
  readonly signer: UrlSigner;

  constructor(options: Partial<UrlSignerOptions> = {}) {
    super();
    this.signer = new UrlSigner({ secret, mount: "test", backend: () => this.backend, ...options });
  }

  readonly backend: StorageBackend = new Backend(this);

  signUrl(key: string, link: Link): string | (() => Promise<string>) {
    return this.signer.signUrl(key, link);
  }

  signUpload(key: string, link: UploadLink): Promise<SignedUpload> {
    return this.signer.signUpload(key, link);
  }
}

function ready(options: Partial<UrlSignerOptions> = {}): { backend: Backend; signer: UrlSigner } {
  const driver = new SigningDriver(options);
  return { backend: new Backend(driver), signer: driver.signer };
}

const unchecked = { mustExist: false } as const;
const get = (url: string): { method: string; url: string } => ({ method: "GET", url });

afterEach(() => {
  vi.useRealTimers();
});

describe("getUrl", () => {
  test("has the form {baseUrl}/{key}?expires=…&signature=…", async () => {
    const { backend } = ready({ baseUrl: "https://cdn.example:8443/some/files/" });
    const url = await backend.getUrl("a b/ü?#%.txt", { ...unchecked, expiresIn: 60 });
    const form =
      /^https:\/\/cdn\.example:8443\/some\/files\/a%20b\/%C3%BC%3F%23%25\.txt\?expires=(\d+)&signature=[\w-]{43}$/;
    expect(url).toMatch(form);
    const expires = Number(form.exec(url)?.[1]);
    expect(Math.abs(expires - Date.now() / 1000 - 60)).toBeLessThan(2);
  });

  test("is for what is there, unless mustExist is false: then it takes no I/O", async () => {
    const driver = new SigningDriver();
    const backend = new Backend(driver);
    await failure(backend.getUrl("missing"), "FileNotFound");
    expect(driver.requests.map(({ method }) => method)).toEqual(["head"]);
    await backend.getUrl("missing", unchecked);
    expect(driver.requests.length).toBe(1);
  });

  test("every legal key survives the way through a URL", async () => {
    const { backend, signer } = ready();
    for (const key of [...keys.legal, ...keys.legalAlone]) {
      const url = await backend.getUrl(key, unchecked);
      expect((await signer.verify(get(url))).key).toBe(key);
      expect((await signer.verify(get(new URL(url).href))).key).toBe(key);
      const { pathname, search } = new URL(url);
      expect((await signer.verify(get(pathname + search))).key).toBe(key);
    }
  });

  test("what the response says is signed and comes back", async () => {
    const { backend, signer } = ready();
    const url = await backend.getUrl("dir/Straße.pdf", {
      ...unchecked,
      download: true,
      contentType: "application/pdf",
      cacheControl: "no-store",
    });
    expect(await signer.verify(get(url))).toMatchObject({
      key: "dir/Straße.pdf",
      method: "GET",
      disposition: "attachment; filename=\"Stra_e.pdf\"; filename*=UTF-8''Stra%C3%9Fe.pdf",
      contentType: "application/pdf",
      cacheControl: "no-store",
      upload: undefined,
    });
    const named = await backend.getUrl("x", { ...unchecked, download: "näme.txt" });
    expect((await signer.verify(get(named))).disposition).toContain("filename*=UTF-8''n%C3%A4me.txt");
    const plain = await backend.getUrl("x", { ...unchecked, download: false });
    expect((await signer.verify(get(plain))).disposition).toBeUndefined();
  });

  test.each([
    { expiresIn: 0 },
    { expiresIn: 604_801 },
    { expiresIn: 1.5 },
    { download: 5 },
    { contentType: "no type" },
    { contentType: "a/b\r\nX: 1" },
    { cacheControl: "a\r\nb" },
    { mustExist: "no" },
    { expiry: 5 },
  ])("%j is refused before any I/O", async (options) => {
    const { backend } = ready();
    await failure(backend.getUrl("missing", options as object), "InvalidArgument");
  });

  test("lives for the backend's urlExpiresIn, 3600 seconds by default", async () => {
    for (const [options, seconds] of [
      [{}, 3600],
      [{ urlExpiresIn: 60 }, 60],
    ] as const) {
      const driver = new SigningDriver();
      const backend = new Backend(driver, options);
      const { expiresAt } = await driver.signer.verify(get(await backend.getUrl("a", unchecked)));
      expect(Math.abs(expiresAt.getTime() - Date.now() - seconds * 1000)).toBeLessThan(2000);
    }
  });

  test("a backend without links says so", async () => {
    const backend = new Backend(new MapDriver());
    await failure(backend.getUrl("a"), "NotSupported");
    await failure(backend.getUploadUrl("a"), "NotSupported");
    expect(backend.capabilities).toMatchObject({ signedUrls: false, signedUploads: [], uploadParts: false });
    expect(backend.signer).toBeUndefined();
  });
});

describe("a link", () => {
  test("is refused with any one of its characters changed", async () => {
    const { backend, signer } = ready();
    const url = await backend.getUrl("dir/key.txt", { ...unchecked, download: "n", contentType: "a/b" });
    const start = url.indexOf("/files/") + "/files/".length;
    const some = "ABZabz019-_.~%&=?/+ ";
    const last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (let index = start; index < url.length; index++) {
      for (const character of index === url.length - 1 ? last : some) {
        if (url[index] === character) continue;
        const forged = url.slice(0, index) + character + url.slice(index + 1);
        // An escape may be spelt in two ways, %C3 and %c3; the link is the same one then.
        if (sameLink(forged, url)) continue;
        await failure(signer.verify(get(forged)), "PermissionDenied");
      }
    }
  });

  test("is refused with a character of its signature left out, added, or in another spelling", async () => {
    const { backend, signer } = ready();
    const url = await backend.getUrl("a", unchecked);
    for (const forged of [
      url.slice(0, -1),
      `${url}A`,
      `${url}=`,
      `${url}%20`,
      url.replace(/signature=.*/, "signature="),
      url.replace(/&signature=.*/, ""),
      url.replace(/\?.*/, ""),
      url.replace(/signature=(.)/, (_, first: string) => `signature=%${first.charCodeAt(0).toString(16)}A`),
      url.replace(/signature=.*/, "signature=💥"),
      url.replace(/signature=.*/, `signature=${"A".repeat(100_000)}`),
    ]) {
      await failure(signer.verify(get(forged)), "PermissionDenied");
    }
  });

  test.each([
    "&expires=9999999999",
    "&x=1",
    "&disposition=inline",
    "&type=text/html",
    "&upload={}",
    "&signature=A",
    "&%65xpires=9999999999",
    "&__proto__=1",
    "&constructor=1",
    "&",
    "&&",
    "&=",
  ])("is refused with %s added", async (added) => {
    const { backend, signer } = ready();
    const url = await backend.getUrl("a", unchecked);
    await failure(signer.verify(get(url + added)), "PermissionDenied");
    await failure(signer.verify(get(url.replace("?", `?${added.slice(1)}&`))), "PermissionDenied");
  });

  test("is refused for another method than its own, HEAD aside", async () => {
    const { backend, signer } = ready();
    const url = await backend.getUrl("a", unchecked);
    expect(await signer.verify({ method: "HEAD", url })).toMatchObject({ method: "GET" });
    for (const method of ["PUT", "POST", "DELETE", "PATCH", "OPTIONS", "CONNECT", "", "get "])
      await failure(signer.verify({ method, url }), "PermissionDenied");
    const upload = await backend.getUploadUrl("a");
    expect(await signer.verify(upload)).toMatchObject({ method: "PUT" });
    for (const method of ["GET", "HEAD", "POST", "DELETE"])
      await failure(signer.verify({ method, url: upload.url }), "PermissionDenied");
  });

  test("is refused by another mount, another path, and another secret", async () => {
    const url = await ready().backend.getUrl("a", unchecked);
    await ready().signer.verify(get(url));
    const elsewhere = [
      { mount: "other" },
      { secret: "fedcba9876543210" },
      { baseUrl: "http://localhost:8000/other" },
      { baseUrl: "http://localhost:8000" },
      { baseUrl: "http://localhost:8000/files/a" },
    ];
    for (const options of elsewhere)
      await failure(ready(options).signer.verify(get(url)), "PermissionDenied");
    // A proxy may stand before us under another name.
    await ready({ baseUrl: "https://elsewhere/files" }).signer.verify(get(url));
  });

  test("cannot be read in two ways: key, mount and parameters never run into each other", async () => {
    const { backend, signer } = ready();
    const url = await backend.getUrl("a&expires=9", unchecked);
    await signer.verify(get(url));
    for (const forged of [
      url.replace("a%26expires%3D9", "a?expires=9"),
      url.replace("/a%26", "/x/../a%26"),
      url.replace("/a%26", "/./a%26"),
      url.replace("/a%26", "//a%26"),
      url.replace("/a%26", "%2Fa%26"),
      url.replace("/files/", "/files%2F"),
      url.replace("/files/", "/%66iles/"),
      url.replace("/files/", "//files/"),
      url.replace("/files/", "\\files\\"),
    ]) {
      await failure(signer.verify(get(forged)), "PermissionDenied");
    }
    const slash = await backend.getUrl("a/b", unchecked);
    await failure(signer.verify(get(slash.replace("a/b", "a%2Fb"))), "PermissionDenied");
  });

  test.each([
    "",
    "/",
    "?",
    "/files",
    "/files/",
    "/files/a",
    "/files/%",
    "/files/%ff?expires=1",
    "http://x",
    "💥",
    "/files/a?%=1",
    "a".repeat(10_000),
  ])("%j is none, and nothing but PermissionDenied", async (url) => {
    await failure(ready().signer.verify(get(url)), "PermissionDenied");
  });

  test("is good until its second of expiry and not after", async () => {
    vi.useFakeTimers({ now: 1_700_000_000_500 });
    const { backend, signer } = ready();
    const url = await backend.getUrl("a", { ...unchecked, expiresIn: 10 });
    vi.setSystemTime(1_700_000_009_999);
    await signer.verify(get(url));
    vi.setSystemTime(1_700_000_010_000);
    expect((await failure(signer.verify(get(url)), "PermissionDenied")).reason).toContain("expired");
  });

  test("outlives a change of the secret while the old one is still listed", async () => {
    const old = ready();
    const url = await old.backend.getUrl("a", unchecked);
    const rotated = ready({ secret: ["fedcba9876543210", secret] });
    await rotated.signer.verify(get(url));
    const next = await rotated.backend.getUrl("a", unchecked);
    await failure(old.signer.verify(get(next)), "PermissionDenied");
    await failure(ready({ secret: ["fedcba9876543210"] }).signer.verify(get(url)), "PermissionDenied");
  });

  test("no error of a link shows its signature or the secret", async () => {
    const { backend, signer } = ready();
    const url = await backend.getUrl("a", unchecked);
    const error = await failure(signer.verify(get(`${url}A`)), "PermissionDenied");
    const signature = url.slice(url.indexOf("signature=") + 10);
    for (const shown of [error.message, JSON.stringify(error), String(error.stack)]) {
      expect(shown).not.toContain(signature);
      expect(shown).not.toContain(secret);
    }
  });
});

describe("getUploadUrl", () => {
  test("signs type, sizes, metadata, condition and checksum", async () => {
    const { backend, signer } = ready();
    const sha256 = "AB".repeat(32);
    const upload = await backend.getUploadUrl("a.png", {
      expiresIn: 60,
      size: 5,
      minBytes: 1,
      maxBytes: 10,
      metadata: { Who: "ü" },
      ifNoneMatch: "*",
      checksum: { sha256 },
    });
    expect(upload).toMatchObject({ method: "PUT", headers: { "content-type": "image/png" } });
    expect(Math.abs(upload.expiresAt.getTime() - Date.now() - 60_000)).toBeLessThan(2000);
    expect(await signer.verify(upload)).toMatchObject({
      key: "a.png",
      upload: {
        attributes: { contentType: "image/png", metadata: { who: "ü" } },
        size: 5,
        minBytes: 1,
        maxBytes: 10,
        ifNoneMatch: "*",
        sha256: sha256.toLowerCase(),
        parts: false,
      },
    });
    for (const [from, to] of [
      ["10", "99"],
      ["png", "htm"],
      ["who", "whp"],
    ] as const) {
      const forged = { ...upload, url: upload.url.replace(new RegExp(`(upload=.*)${from}`), `$1${to}`) };
      expect(forged.url).not.toBe(upload.url);
      await failure(signer.verify(forged), "PermissionDenied");
    }
  });

  test.each([
    [{ minBytes: 5, maxBytes: 4 }, "InvalidArgument"],
    [{ size: 5, maxBytes: 4 }, "InvalidArgument"],
    [{ size: 5, minBytes: 6 }, "InvalidArgument"],
    [{ method: "DELETE" }, "InvalidArgument"],
    [{ metadata: { "a b": "c" } }, "InvalidArgument"],
    [{ contentType: "" }, "InvalidArgument"],
    [{ checksum: { sha256: "ab" } }, "InvalidArgument"],
    [{ expiresIn: 604_801 }, "InvalidArgument"],
    [{ method: "POST" }, "NotSupported"],
    [{ parts: true }, "NotSupported"],
  ] as const)("%j is %s", async (options, code) => {
    await failure(ready().backend.getUploadUrl("a", options as object), code);
  });
});

describe("an upload in parts", () => {
  const parts = (): StorageBackend => new Backend(new MapDriver());

  function inParts(options: Partial<UrlSignerOptions> = { parts }): { backend: Backend; signer: UrlSigner } {
    const driver = new SigningDriver(options);
    driver.features = { ...driver.features, uploadParts: true };
    return { backend: new Backend(driver), signer: driver.signer };
  }

  test("has a link for each part, for its end and for its abort, which tell what they are for", async () => {
    const { backend, signer } = inParts();
    const size = 8 * 2 ** 20 + 5;
    const upload = await backend.getUploadUrl("a.png", { parts: true, size, metadata: { who: "ü" } });
    const { urls = [], completeUrl = "", abortUrl = "" } = upload.parts ?? {};
    const [first, second] = await Promise.all(urls.map((url) => signer.verify({ method: "PUT", url })));
    const end = await signer.verify({ method: "POST", url: completeUrl });
    const abort = await signer.verify({ method: "DELETE", url: abortUrl });
    const { uploadId } = end;
    expect(uploadId).toMatch(/^[0-9a-f]{20}$/);
    expect(first).toMatchObject({
      method: "PUT",
      uploadId,
      part: 1,
      partSize: 8 * 2 ** 20,
      upload: undefined,
    });
    expect(second).toMatchObject({ method: "PUT", uploadId, part: 2, partSize: 5, upload: undefined });
    expect(end).toMatchObject({ method: "POST", key: "a.png", partSize: 8 * 2 ** 20, part: undefined });
    expect(end.upload).toMatchObject({
      size,
      attributes: { contentType: "image/png", metadata: { who: "ü" } },
    });
    expect(abort).toMatchObject({ method: "DELETE", uploadId, part: undefined, upload: undefined });
    for (const { expiresAt } of [first, second, end, abort].filter((it) => it !== undefined))
      expect(expiresAt).toEqual(upload.expiresAt);
  });

  test("is another one each time", async () => {
    const { backend } = inParts();
    const idOf = async (): Promise<string | null> => {
      const { parts } = await backend.getUploadUrl("a", { parts: true, size: 5 });
      return new URL(parts?.abortUrl ?? "").searchParams.get("uploadId");
    };
    expect(await idOf()).not.toBe(await idOf());
  });

  test("takes its size, and a place where parts can wait", async () => {
    await failure(inParts().backend.getUploadUrl("a", { parts: true }), "InvalidArgument");
    await failure(inParts({}).backend.getUploadUrl("a", { parts: true, size: 5 }), "NotSupported");
    expect(inParts({}).signer.parts).toBeUndefined();
  });

  test("is not signed under a layer that changes what is written", async () => {
    const { backend } = inParts();
    const inner = driverOf(backend);
    const layer = over(inner, "changing", { write: inner.write });
    expect([backend.capabilities.uploadParts, layer.capabilities.uploadParts]).toEqual([true, false]);
    await failure(layer.getUploadUrl("a", { parts: true, size: 5 }), "NotSupported");
  });
});

describe("the url of a put's result", () => {
  test("is computed when it is read, is in JSON, and not in what the console shows", async () => {
    const driver = new SigningDriver();
    const signed: string[] = [];
    const sign = driver.signUrl.bind(driver);
    driver.signUrl = (key, link) => {
      signed.push(key);
      return sign(key, link);
    };
    const put = await new Backend(driver).put("a", "x");
    const { inspect } = await import("node:util");
    expect(inspect(put)).toContain("[Getter]");
    expect(inspect(put)).not.toContain("signature");
    expect(signed).toEqual([]);
    expect(JSON.parse(JSON.stringify(put)).url).toMatch(/signature=/);
    expect((await driver.signer.verify(get(put.url ?? ""))).key).toBe("a");
  });

  test("is undefined where signing takes I/O or fails, and a put never fails over it", async () => {
    const driver = new SigningDriver();
    driver.signUrl = () => async () => "https://elsewhere";
    expect((await new Backend(driver).put("a", "x")).url).toBeUndefined();
    driver.signUrl = () => {
      throw new Error("no key");
    };
    expect((await new Backend(driver).put("a", "x")).url).toBeUndefined();
    expect((await new Backend(new MapDriver()).put("a", "x")).url).toBeUndefined();
  });
});

describe("a signer", () => {
  test.each(["short", "", [], ["short"], [secret, "short"], 5, null])("refuses %j as its secret", (bad) => {
    expect(() => ready({ secret: bad as string })).toThrow("16");
  });

  test.each(["files", "ftp://x/y", "http://x/?a=b", "http://x/#a", "http://u:p@x/", "http://u@x/", ""])(
    "refuses %j as its baseUrl",
    (baseUrl) => {
      expect(() => ready({ baseUrl })).toThrow("baseUrl");
    },
  );

  test("warns once when it has to make up its secret, and only when it signs", async () => {
    const warned: string[] = [];
    const listener = (warning: Error & { code?: string }): void => {
      warned.push(String(warning.code));
    };
    process.on("warning", listener);
    const { backend } = ready({ secret: undefined });
    await new Promise((resolve) => setImmediate(resolve));
    expect(warned).toEqual([]);
    await backend.getUrl("a", unchecked);
    await backend.getUrl("b", unchecked);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", listener);
    expect(warned).toEqual(["STORAGE_RANDOM_SECRET"]);
  });

  test("belongs to one backend", () => {
    const driver = new SigningDriver();
    const backend = new Backend(driver);
    expect(backend.signer?.backend).toBe(driver.backend);
  });
});

/** Read by the rules of URLs, which leave some room in how a link is spelt. */
function sameLink(a: string, b: string): boolean {
  const read = (url: string): string => {
    const [path = "", ...query] = url.split("?");
    const parameters = [...new URLSearchParams(query.join("?"))].sort();
    const count = query.join("?").split("&").length;
    return JSON.stringify([path.split("/").map(decodeURIComponent), parameters, count]);
  };
  try {
    return read(a) === read(b);
  } catch {
    return false;
  }
}

import {
  Backend,
  driverOf,
  type Link,
  over,
  type StorageBackend,
  type UploadLink,
  withPrefix,
} from "@storage/core";
import { UrlSigner } from "@storage/core/url-signer";
import { describe, expect, test } from "vitest";
import { all, failure } from "./expect-failure.ts";
import { MapDriver, pieces, ServiceFailure } from "./map-driver.ts";

/** A driver with every shortcut, each of which notes that it was used. */
function everyShortcut(): { driver: MapDriver; backend: Backend; used: string[] } {
  const driver = new MapDriver();
  const used: string[] = [];
  const backend: StorageBackend = new Backend(driver);
  const signer = new UrlSigner({ secret: "0123456789abcdef", mount: "m", backend: () => backend });
  Object.assign(driver, {
    signer,
    copy: async (source: string, target: string) => {
      used.push(`copy ${source} ${target}`);
      const held = driver.objects.get(source);
      if (held === undefined) throw new ServiceFailure("FileNotFound");
      return driver.hold(target, held.bytes, held.facts);
    },
    move: async (source: string, target: string) => {
      used.push(`move ${source} ${target}`);
      const held = driver.objects.get(source);
      if (held === undefined) throw new ServiceFailure("FileNotFound");
      driver.objects.delete(source);
      return driver.hold(target, held.bytes, held.facts);
    },
    removeMany: async (keys: readonly string[]) => {
      used.push(`removeMany ${keys.join(" ")}`);
      for (const key of keys) driver.objects.delete(key);
      return new Map(keys.includes("t/bad") ? [["t/bad", new ServiceFailure("PermissionDenied")]] : []);
    },
    signUrl: (key: string, link: Link) => signer.signUrl(key, link),
    signUpload: (key: string, link: UploadLink) => signer.signUpload(key, link),
    sweep: async () => ({ removed: 7 }),
    checkHealth: async () => {
      used.push("checkHealth");
    },
  });
  return { driver, backend: new Backend(driver), used };
}

test("a view has the keys under its prefix, without it, and writes nowhere else", async () => {
  const { driver, backend } = everyShortcut();
  const view = withPrefix(backend, "t/");
  await backend.put("other", "x");
  await backend.put("tx", "x");
  expect((await view.put("a.txt", "one")).key).toBe("a.txt");
  await view.put("sub/b", pieces(new Uint8Array(9)));
  expect([...driver.objects.keys()]).toEqual(["other", "tx", "t/a.txt", "t/sub/b"]);
  expect(await view.listKeys()).toEqual(["a.txt", "sub/b"]);
  expect((await all(view.list())).map(({ key }) => key)).toEqual(["a.txt", "sub/b"]);
  expect(await view.listKeys({ prefix: "s" })).toEqual(["sub/b"]);
  expect((await all(view.list({ startAfter: "a.txt" }))).map(({ key }) => key)).toEqual(["sub/b"]);
  const page = await view.listPage({ delimiter: "/", limit: 1 });
  expect(page.entries.map(({ key }) => key)).toEqual(["a.txt"]);
  expect((await view.listPage({ delimiter: "/", limit: 1, cursor: page.cursor })).prefixes).toEqual(["sub/"]);
  expect((await view.getMetadata("a.txt")).key).toBe("a.txt");
  expect(await (await view.open("a.txt")).text()).toBe("one");
  expect(await view.exists("other")).toBe(false);
  expect(await view.delete("other")).toBe(false);
  expect(await view.delete("a.txt")).toBe(true);
});

test("the content type goes by the caller's key", async () => {
  const view = withPrefix(everyShortcut().backend, "a.png");
  expect((await view.put("x", "x")).contentType).toBe("application/octet-stream");
});

test("shortcuts are used under the full keys", async () => {
  const { backend, used } = everyShortcut();
  const view = withPrefix(backend, "t/");
  await view.put("a", "x");
  expect((await view.copy("a", "b")).key).toBe("b");
  expect((await view.move("b", "c")).key).toBe("c");
  const { deleted, failed } = await view.deleteMany(["a", "bad", "c"]);
  expect(deleted).toEqual(["a", "c"]);
  expect(failed).toMatchObject([{ key: "bad", error: { code: "PermissionDenied", key: "bad" } }]);
  await view.checkHealth();
  expect(await view.sweep()).toEqual({ removed: 7 });
  expect(used).toEqual(["copy t/a t/b", "move t/b t/c", "removeMany t/a t/bad t/c", "checkHealth"]);
});

test("errors name the caller's keys", async () => {
  const { backend } = everyShortcut();
  const view = withPrefix(withPrefix(backend, "t/"), "u/");
  for (const error of [
    await failure(view.get("a"), "FileNotFound"),
    await failure(view.copy("a", "b"), "FileNotFound"),
    await failure(view.getUrl("a"), "FileNotFound"),
    await failure(view.put("a//b", "x"), "InvalidKey"),
    await failure(view.put("a", "x", { ifMatch: "e" }), "PreconditionFailed"),
  ]) {
    expect(error.key).toMatch(/^a/);
    expect(`${error.message} ${JSON.stringify(error)}`).not.toMatch(/t\/|u\//);
    expect(error.backend).toBe("MapBackend");
  }
});

test("prefix and key together are a key too: too long, or reserved, is InvalidKey", async () => {
  const { backend, driver } = everyShortcut();
  const reserved = withPrefix(backend, ".sto");
  const reserve = async (key: string): Promise<void> => {
    await failure(reserved.put(key, "x"), "InvalidKey");
    await failure(reserved.get(key), "InvalidKey");
    await failure(reserved.exists(key), "InvalidKey");
    await failure(reserved.delete(key), "InvalidKey");
    await failure(reserved.getUrl(key, { mustExist: false }), "InvalidKey");
    await failure(reserved.getUploadUrl(key), "InvalidKey");
    await failure(reserved.copy("x", key), "InvalidKey");
    const { deleted, failed } = await reserved.deleteMany(["x", key, "y"]);
    expect(deleted).toEqual(["x", "y"]);
    expect(failed).toMatchObject([{ key, error: { code: "InvalidKey", key } }]);
  };
  await reserve("rage");
  await reserve("rage/x");
  await reserved.put("rage2", "x");
  expect([...driver.objects.keys()]).toEqual([".storage2"]);
  const long = withPrefix(backend, `${"p".repeat(200)}`);
  expect((await failure(long.put("q".repeat(56), "x"), "InvalidKey")).key).toBe("q".repeat(56));
  await long.put("q".repeat(55), "x");
  await failure(withPrefix(backend, "p/".repeat(500)).put("q".repeat(25), "x"), "InvalidKey");
  expect(driver.requests.every(({ key }) => key !== ".storage")).toBe(true);
});

test("a prefix of no slash is a plain string as well, and its own name is no object of the view", async () => {
  const { backend } = everyShortcut();
  for (const key of ["user", "user1", "user/x"]) await backend.put(key, "x");
  const view = withPrefix(backend, "user");
  await failure(view.get(""), "InvalidKey");
  expect(await view.listKeys()).toEqual(["/x", "1"]);
  expect(await view.listKeys({ limit: 1 })).toEqual(["/x"]);
  expect((await view.listPage({ delimiter: "/" })).prefixes).toEqual(["/"]);
});

test.each(["/a", "a//", "../", "a\\", ".storage/", "a\n"])("the prefix %j is refused", (prefix) => {
  expect(() => withPrefix(everyShortcut().backend, prefix)).toThrow();
});

test("an empty prefix is refused, and so is a backend of nobody's", () => {
  expect(() => withPrefix(everyShortcut().backend, "")).toThrow("empty");
  expect(() => withPrefix({} as StorageBackend, "a/")).toThrow("driver");
  expect(() => withPrefix(null as unknown as StorageBackend, "a/")).toThrow("driver");
});

test("limits say how much of a key is left", () => {
  const view = withPrefix(everyShortcut().backend, "äö/");
  expect(view.limits.keyBytes).toBe(1024 - 5);
  expect(view.layers).toEqual(["prefix"]);
  expect(view.name).toBe("MapBackend");
});

test("the signer passes through: links are the inner backend's, of the full key", async () => {
  const { backend } = everyShortcut();
  const view = withPrefix(backend, "t/");
  await view.put("a", "x");
  expect(view.signer).toBe(backend.signer);
  const url = await view.getUrl("a");
  expect(url).toContain("/files/t/a?");
  expect((await view.signer?.verify({ method: "GET", url }))?.key).toBe("t/a");
  expect((await backend.signer?.verify(await view.getUploadUrl("b")))?.key).toBe("t/b");
  expect((await view.put("c", "x")).url).toContain("/files/t/c?");
});

test("the link's life is the inner backend's default also through a view", async () => {
  const { driver } = everyShortcut();
  const view = withPrefix(new Backend(driver, { urlExpiresIn: 60 }), "t/");
  const url = await view.getUrl("a", { mustExist: false });
  const expires = Number(new URL(url).searchParams.get("expires"));
  expect(Math.abs(expires - Date.now() / 1000 - 60)).toBeLessThan(2);
});

describe("a view owns nothing", () => {
  test("closing it leaves the backend open", async () => {
    const { backend } = everyShortcut();
    const view = withPrefix(backend, "t/");
    await view.close();
    await failure(view.get("a"), "Closed");
    await backend.put("a", "x");
    await withPrefix(backend, "t/").put("a", "x");
  });

  test("closing the backend closes it", async () => {
    const { backend } = everyShortcut();
    const view = withPrefix(backend, "t/");
    const closing = backend.close();
    await failure(view.put("a", "x"), "Closed");
    await closing;
    await failure(view.put("a", "x"), "Closed");
    expect((await failure(view.listKeys(), "Closed")).operation).toBe("listKeys");
    await failure(view.getUrl("a"), "Closed");
    await failure(view.sweep(), "Closed");
  });

  test("closing the backend waits for what is under way through it, and aborts it in the end", async () => {
    const { backend, driver } = everyShortcut();
    const view = withPrefix(backend, "t/");
    driver.onRequest = () => new Promise((resolve) => setTimeout(resolve, 20));
    const put = view.put("a", "x");
    await backend.close();
    expect((await put).size).toBe(1);
    const second = everyShortcut();
    second.driver.onRequest = ({ call }) =>
      new Promise((_, reject) => call.signal.addEventListener("abort", () => reject(new Error("aborted"))));
    const get = failure(withPrefix(second.backend, "t/").get("a"), "Aborted");
    await new Promise((resolve) => setTimeout(resolve, 5));
    await second.backend.close({ timeout: 10 });
    await get;
  });

  test("its own driver can be layered upon", async () => {
    const { backend, driver } = everyShortcut();
    const view = over(driverOf(withPrefix(backend, "t/")), "nothing", {});
    await view.put("a", "x");
    expect([...driver.objects.keys()]).toEqual(["t/a"]);
    expect(view.layers).toEqual(["nothing", "prefix"]);
  });
});

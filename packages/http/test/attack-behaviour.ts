import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { type StorageBackend, withPrefix } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { MemoryBackend } from "@storage/memory";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type Framework, png } from "./app-behaviour.ts";
import { folder, type RawAnswer, raw, secret } from "./site.ts";

const origin = "http://localhost:8000";
const links = { baseUrl: `${origin}/files`, secret };
const script = "<script>alert(document.domain)</script>";
const svg = `<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`;

/** What is beside the folder of the files, and what no client may see. */
const outside = "outside.txt";
const hidden = "what no client may see";

const makes: readonly (readonly [name: string, make: () => StorageBackend])[] = [
  ["memory", () => new MemoryBackend(links)],
  [
    "local",
    () => {
      const parent = folder();
      writeFileSync(join(parent, outside), hidden);
      return new LocalBackend({ ...links, basePath: join(parent, "files"), durability: "none" });
    },
  ],
];

/** Nothing of it runs in a browser: it is saved, or shown as what it is, in a page that may do nothing. */
function isHarmless({ status, headers }: Pick<RawAnswer, "status" | "headers">): void {
  expect(status).toBe(200);
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["content-security-policy"]).toMatch(/^sandbox; default-src 'none'/);
  if (/html|svg|xml/.test(headers["content-type"] ?? ""))
    expect(headers["content-disposition"]).toMatch(/^attachment;/);
}

const refused = (answer: RawAnswer): [number, unknown] => [
  answer.status,
  JSON.parse(answer.body.toString()).error,
];
const forbidden = [403, "PermissionDenied"];

/** Changed, left out, twice, and empty, for each parameter of a link; and one that it does not have. */
function forgeries(link: string): readonly (readonly [what: string, link: string])[] {
  const [path = "", query = ""] = link.split("?");
  const forged = [...new URLSearchParams(query)].flatMap(([name, value]) => {
    const others = query.split("&").filter((pair) => !pair.startsWith(`${name}=`));
    const own = (text: string): string => `${name}=${encodeURIComponent(text)}`;
    const queries = [
      ["changed", [...others, own(value.replace(/.$/, (last) => (last === "9" ? "8" : "9")))]],
      ["longer", [...others, own(`${value}0`)]],
      ["left out", others],
      ["empty", [...others, own("")]],
      ["twice", [...others, own(value), own(value)]],
      ["in another case", [...others, own(value).replace(name, name.toUpperCase())]],
    ] as const;
    return queries.map(([what, pairs]) => [`${name} ${what}`, `${path}?${pairs.join("&")}`] as const);
  });
  return [
    ...forged,
    ["one more", `${link}&admin=1`],
    ["a key of another file", link.replace("a.txt", "b.txt")],
  ];
}

/** As it stands, with a body. */
function put(link: string, headers: Record<string, string>, body: string): Promise<number> {
  const { port, pathname, search } = new URL(link);
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path: pathname + search, method: "PUT", headers });
    sent.once("response", (response) => resolve(response.resume().statusCode ?? 0));
    sent.once("error", reject).end(body);
  });
}

/** What strangers try, through a real socket. */
export function describeAttacks({ name, start }: Framework): void {
  describe.each(makes)(`${name}, %s: an attack is refused:`, (_kind, make) => {
    const site = async () => {
      const backend = make();
      const app = await start({ backend, serveFiles: true });
      onTestFinished(async () => {
        await app.close();
        await backend.close();
      });
      const here = `http://127.0.0.1:${app.port}`;
      const at = (link: string): string => link.replace(origin, here);
      return { backend, here, at };
    };

    test("stored XSS, by a form, by a signed upload and by a type in the link", async () => {
      const { backend, here, at } = await site();
      const form = new FormData();
      form.set("file", new Blob([script], { type: "image/png" }), "form.png");
      expect((await fetch(`${here}/upload`, { method: "POST", body: form })).status).toBe(201);
      const uploads = [
        ["page.html", "text/html", script],
        ["picture.svg", "image/svg+xml", svg],
        ["polyglot.png", "image/png", script],
        ["list.png", "image/png; x=y, text/html", script],
      ] as const;
      for (const [key, contentType, body] of uploads) {
        const { url, headers } = await backend.getUploadUrl(key, { contentType });
        expect(await put(at(url), headers, body)).toBe(201);
      }
      for (const key of ["form.png", ...uploads.map(([it]) => it)]) {
        isHarmless(await raw(at(await backend.getUrl(key))));
        isHarmless(await raw(at(await backend.getUrl(key, { contentType: "text/html" }))));
        isHarmless(await raw(`${here}/object?key=${key}`));
      }
      expect((await backend.getMetadata("form.png")).contentType).toBe("text/plain");
    });

    test.each([
      ["as it is", "../"],
      ["encoded", "%2e%2e%2f"],
      ["encoded but for the slash", "%2e%2e/"],
      ["encoded twice", "%252e%252e%252f"],
      ["encoded twice but for the slash", "%252e%252e/"],
      ["with backslashes", "..\\"],
      ["with encoded backslashes", "..%5c"],
      ["with backslashes encoded twice", "..%255c"],
      ["with a null byte", "..%00/"],
      ["with dots too long in UTF-8", "%c0%ae%c0%ae%c0%af"],
      ["with dots of another width", "%ef%bc%8e%ef%bc%8e/"],
      ["with more dots", "....//"],
      ["from the root", "/"],
    ])("traversal in the URL, %s", async (_what, up) => {
      const { backend, at } = await site();
      await backend.put("a.txt", "hello");
      await backend.put("b.txt", hidden);
      const link = at(await backend.getUrl("a.txt"));
      const upload = await backend.getUploadUrl("a.txt");
      for (const target of [outside, "files/b.txt", "b.txt"]) {
        for (const depth of [1, 2, 8]) {
          const climbed = (to: string): string =>
            to.replace("/files/a.txt", `/files/${up.repeat(depth)}${target}`);
          const read = await raw(climbed(link));
          expect([400, 403, 404]).toContain(read.status);
          expect(read.body.toString()).not.toContain(hidden);
          const written = await raw(climbed(at(upload.url)), { method: "PUT", headers: upload.headers });
          expect([400, 403, 404]).toContain(written.status);
        }
      }
      expect(await backend.listKeys()).toEqual(["a.txt", "b.txt"]);
      expect(Buffer.from(await backend.get("b.txt")).toString()).toBe(hidden);
    });

    test("header injection by a file's name, in a form, a key and a link", async () => {
      const { backend, here, at } = await site();
      const evil = 'a"\\; filename="evil.exe"%0d%0aset-cookie: a=b\u2028\u202e.txt';
      const form = new FormData();
      form.set("file", new Blob([png]), `${evil}\r\nset-cookie: a=b`);
      const stored = await fetch(`${here}/upload`, { method: "POST", body: form });
      expect([stored.status, stored.headers.get("set-cookie")]).toEqual([201, null]);
      const { key } = (await stored.json()) as { key: string };
      await backend.put("plain", "x");
      const answers = [
        await raw(at(await backend.getUrl(key, { download: true }))),
        await raw(at(await backend.getUrl("plain", { download: `${evil}\r\nset-cookie: a=b` }))),
      ];
      for (const { status, headers } of answers) {
        expect([status, headers["set-cookie"]]).toEqual([200, undefined]);
        const disposition = headers["content-disposition"] ?? "";
        expect(disposition).toMatch(/^attachment; filename="[^"\\%]*"; filename\*=UTF-8''[\w!#$&+.^`|~%-]*$/);
        expect(disposition).not.toContain("%0D");
      }
    });

    test("tampering with each parameter of a link to read", async () => {
      const { backend, at } = await site();
      await backend.put("a.txt", "hello");
      await backend.put("b.txt", hidden);
      const terms = { download: true, contentType: "text/csv", cacheControl: "no-cache" };
      const link = at(await backend.getUrl("a.txt", terms));
      expect((await raw(link)).body.toString()).toBe("hello");
      for (const [what, forged] of forgeries(link))
        expect([what, ...refused(await raw(forged))]).toEqual([what, ...forbidden]);
    });

    test("tampering with each parameter of a link to upload", async () => {
      const { backend, at } = await site();
      const terms = { contentType: "text/plain", maxBytes: 10, ifNoneMatch: "*" } as const;
      const { url, headers } = await backend.getUploadUrl("a.txt", terms);
      for (const [what, forged] of forgeries(at(url)))
        expect([what, await put(forged, headers, "hello")]).toEqual([what, 403]);
      expect(await backend.listKeys()).toEqual([]);
      expect(await put(at(url), headers, "hello")).toBe(201);
    });

    test("a link to read taken to upload, and one to upload taken to read", async () => {
      const { backend, at } = await site();
      await backend.put("a.txt", hidden);
      const { url, headers } = await backend.getUploadUrl("a.txt", { contentType: "text/plain" });
      expect(refused(await raw(at(url)))).toEqual(forbidden);
      for (const method of ["PUT", "POST", "DELETE", "PATCH"]) {
        const link = at(await backend.getUrl("a.txt"));
        expect([method, ...refused(await raw(link, { method, headers }))]).toEqual([method, ...forbidden]);
      }
      expect(Buffer.from(await backend.get("a.txt")).toString()).toBe(hidden);
    });

    test("replay after the expiry, to read and to upload", async () => {
      const { backend, at } = await site();
      await backend.put("a.txt", "hello");
      const link = at(await backend.getUrl("a.txt", { expiresIn: 60 }));
      const upload = await backend.getUploadUrl("b.txt", { expiresIn: 60 });
      expect((await raw(link)).status).toBe(200);
      expect(await put(at(upload.url), upload.headers, "first")).toBe(201);
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
      onTestFinished(() => void vi.useRealTimers());
      expect(refused(await raw(link))).toEqual(forbidden);
      expect(await put(at(upload.url), upload.headers, "again")).toBe(403);
      expect(Buffer.from(await backend.get("b.txt")).toString()).toBe("first");
    });

    test("tenant 1's link on tenant 2's object, to read and to upload", async () => {
      const { backend, at } = await site();
      const [one, two] = [withPrefix(backend, "tenant-1/"), withPrefix(backend, "tenant-2/")];
      await one.put("a.txt", "of tenant 1");
      await two.put("a.txt", hidden);
      const link = at(await one.getUrl("a.txt"));
      expect((await raw(link)).body.toString()).toBe("of tenant 1");
      const { url, headers } = await one.getUploadUrl("a.txt");
      for (const path of [
        "tenant-2",
        "tenant-1/../tenant-2",
        "tenant-1%2f..%2ftenant-2",
        "tenant-1/%2e%2e/tenant-2",
      ]) {
        expect((await raw(link.replace("tenant-1", path))).status).toBe(403);
        expect(await put(at(url).replace("tenant-1", path), headers, "replaced")).toBe(403);
      }
      expect(Buffer.from(await two.get("a.txt")).toString()).toBe(hidden);
    });
  });
}

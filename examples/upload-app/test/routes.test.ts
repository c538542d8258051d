import { createHash } from "node:crypto";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ask, askAsIs, form } from "./requests.ts";
import { frameworks, isHere, openSite, places, type Site } from "./site.ts";

const mebibyte = 1024 * 1024;
const as = (user: string) => ({ headers: { "x-user": user } });
const of = (tenant: string) => ({ headers: { "x-tenant": tenant } });
const send = (method: string, body?: BodyInit) => ({ method, body: body ?? null });

/** Grey, of this many pixels. */
const picture = (width: number, height: number, format: "jpeg" | "png" | "gif" | "webp" = "png") =>
  sharp({ create: { width, height, channels: 3, background: "grey" } })
    .toFormat(format)
    .toBuffer()
    .then((bytes) => new Uint8Array(bytes));

const all = frameworks.flatMap((framework) => places.map((place) => [framework, place] as const));

describe.each(all)("%s on %s", (framework, place) => {
  describe.skipIf(!isHere(place))("answers", () => {
    let it: Site;
    let api: string;
    beforeAll(async () => {
      it = await openSite({ framework, place });
      api = `${it.origin}/api`;
    });
    afterAll(() => it.dispose());

    test("whether it is healthy", async () => {
      const { status, json } = await ask(`${it.origin}/_ops/health`);
      expect([status, json.status]).toEqual([200, "healthy"]);
    });

    test("files by name: stored, listed, read, linked to and deleted", async () => {
      const name = "Grüße & 100%.txt";
      const path = `${api}/files/${encodeURIComponent(name)}`;
      const stored = await ask(`${api}/files`, send("POST", form("hello", name)));
      expect(stored).toMatchObject({ status: 201, json: { key: name, size: 5, contentType: "text/plain" } });
      expect(stored.json).not.toHaveProperty("url");
      const again = await ask(`${api}/files`, send("POST", form("hello", name)));
      expect(again.json.key).toBe("Grüße & 100% (2).txt");
      const listed = await ask(`${api}/files`);
      expect(listed.json.objects).toMatchObject([{ key: "Grüße & 100% (2).txt" }, { key: name, size: 5 }]);
      const read = await ask(path, { headers: { range: "bytes=1-3" } });
      expect([read.status, read.text]).toEqual([206, "ell"]);
      const link = await ask(`${path}/link?download=1`);
      expect(link.status).toBe(303);
      const followed = await ask(link.headers.get("location") ?? "");
      expect([followed.status, followed.text]).toEqual([200, "hello"]);
      expect(followed.headers.get("content-disposition")).toMatch(/^attachment;/);
      expect((await ask(path, send("DELETE"))).status).toBe(204);
      for (const gone of [await ask(path), await ask(`${path}/link`), await ask(path, send("DELETE"))])
        expect(gone).toMatchObject({ status: 404, json: { error: "FileNotFound" } });
    });

    test("400 to a form without a file, a name that is no key, and a page that is none", async () => {
      const empty = new FormData();
      empty.append("a", "b");
      expect((await ask(`${api}/files`, send("POST", empty))).status).toBe(400);
      expect((await ask(`${api}/files/%00`, send("PUT", "x"))).status).toBe(400);
      expect((await ask(`${api}/files?cursor=nonsense`)).status).toBe(400);
      expect((await ask(`${api}/nothing`)).status).toBe(404);
    });

    test.each(["jpeg", "png", "gif", "webp"] as const)("an avatar made of a %s", async (format) => {
      const body = form(await picture(640, 480, format), "whatever.txt");
      const stored = await ask(`${api}/avatar`, { ...as(format), method: "PUT", body });
      expect(stored).toMatchObject({ status: 200, json: { contentType: "image/webp" } });
      const shown = await fetch(`${api}/avatars/${format}`);
      const { width, height } = await sharp(await shown.arrayBuffer()).metadata();
      expect([shown.headers.get("content-type"), width, height]).toEqual(["image/webp", 200, 200]);
    });

    test("no avatar made of something else", async () => {
      const small = await picture(10, 10);
      const large = new Uint8Array(2 * mebibyte + 1);
      large.set(small);
      const broken = small.slice(0, 40);
      const put = (body: BodyInit, user = "nobody") =>
        ask(`${api}/avatar`, { ...as(user), method: "PUT", body });
      expect(await put(form("<svg onload='alert(1)'/>", "a.png"))).toMatchObject({ status: 415 });
      expect(await put(form("hello", "a.png"))).toMatchObject({ status: 415 });
      expect(await put(form(large, "a.png"))).toMatchObject({ status: 413, json: { error: "TooLarge" } });
      expect(await put(form(broken, "a.png"))).toMatchObject({ status: 400, json: { error: "BrokenImage" } });
      expect(await put(new FormData())).toMatchObject({ status: 400 });
      expect(await put(form(small, "a.png"), "No Name")).toMatchObject({ status: 401 });
      expect((await ask(`${api}/avatars/nobody`)).status).toBe(404);
    });

    test("documents of one category, with tags and owners", async () => {
      const fields = { category: "invoices", tags: "urgent,2026" };
      const post = (content: string, name: string, more: Readonly<Record<string, string>>) =>
        ask(`${api}/documents`, { ...as("ada"), method: "POST", body: form(content, name, more) });
      expect((await post("one", "one.txt", fields)).status).toBe(201);
      expect((await post("two", "two.txt", { ...fields, category: "letters" })).status).toBe(201);
      const { json } = await ask(`${api}/documents?category=invoices`);
      expect(json.objects).toMatchObject([{ size: 3, metadata: { owner: "ada", tags: "urgent,2026" } }]);
      expect(await post("three", "three.txt", {})).toMatchObject({
        status: 400,
        json: { error: "InvalidCategory" },
      });
      expect((await post("four", "four.txt", { category: "../letters" })).status).toBe(400);
      expect((await post("five", "five.txt", { ...fields, tags: "x".repeat(3000) })).status).toBe(400);
      expect((await ask(`${api}/documents`)).status).toBe(400);
      expect((await ask(`${api}/documents`, send("POST", form("six", "six.txt", fields)))).status).toBe(401);
    });

    test("on a connection that is of use again after it has refused an upload", async () => {
      const body = form(new Uint8Array(3 * mebibyte), "no-category.bin");
      for (let count = 0; count < 3; count++) {
        const refused = await ask(`${api}/documents`, { ...as("ada"), method: "POST", body });
        const next = await ask(`${api}/files`);
        const unnamed = await ask(`${api}/files/%00`, send("PUT", new Uint8Array(3 * mebibyte)));
        const last = await ask(`${api}/files`);
        expect([refused.status, next.status, unnamed.status, last.status]).toEqual([400, 200, 400, 200]);
      }
    });

    test("a download link to the owner of a document", async () => {
      const body = form("secret", "plan.txt", { category: "plans" });
      const { json } = await ask(`${api}/documents`, { ...as("ada"), method: "POST", body });
      const link = (key: unknown, user: string, more = "") =>
        ask(`${api}/documents/link?key=${encodeURIComponent(String(key))}${more}`, as(user));
      const made = await link(json.key, "ada", "&expires_in=60");
      expect(made).toMatchObject({ status: 200, json: { expires_in: 60 } });
      expect((await ask(String(made.json.url))).text).toBe("secret");
      for (const seconds of ["59", "86401", "-60", "1e3", "60.5", ""])
        expect((await link(json.key, "ada", `&expires_in=${seconds}`)).status, seconds).toBe(400);
      expect((await link(json.key, "ada", "&expires_in=86400")).status).toBe(200);
      expect((await link(json.key, "bob")).status).toBe(403);
      expect((await link("documents/plans/none/none.txt", "ada")).status).toBe(404);
      expect((await link("documents/../plans", "ada")).status).toBe(400);
      expect((await ask(`${api}/documents/link`, as("ada"))).status).toBe(400);
      expect((await ask(`${api}/documents/link?key=${json.key}`)).status).toBe(401);
    });

    test("a tenant's files to that tenant alone", async () => {
      const files = `${api}/tenants/acme/files`;
      const stored = await ask(files, { ...of("acme"), method: "POST", body: form("ours", "a.txt") });
      expect(stored).toMatchObject({ status: 201, json: { key: "a.txt" } });
      const listed = await ask(files, of("acme"));
      expect(listed.json.objects).toMatchObject([{ key: "a.txt", size: 4 }]);
      expect((await ask(`${files}/a.txt`, of("acme"))).text).toBe("ours");
      const foreign = [
        await ask(files, { ...of("globex"), method: "POST", body: form("theirs", "b.txt") }),
        await ask(files, of("globex")),
        await ask(`${files}/a.txt`, of("globex")),
        await ask(`${files}/a.txt/link`, of("globex")),
        await ask(`${files}/a.txt`, { ...of("globex"), method: "DELETE" }),
        await ask(`${files}/none.txt`, of("globex")),
      ];
      for (const answer of foreign)
        expect(answer).toMatchObject({ status: 403, json: { error: "PermissionDenied" } });
      expect((await ask(files)).status).toBe(401);
      expect((await ask(files, of("acme/../globex"))).status).toBe(401);
      expect((await ask(`${files}/..%2F..%2Fglobex%2Fa.txt`, of("acme"))).status).toBe(400);
      expect((await ask(`${files}/a.txt`, { ...of("acme"), method: "DELETE" })).status).toBe(204);
      expect((await ask(`${files}/a.txt`, of("acme"))).status).toBe(404);
    });

    test("the SHA-256 of a file that came through it", async () => {
      const content = new Uint8Array(3 * mebibyte).fill(7);
      const path = `${api}/files/large.bin`;
      expect(await ask(path, send("PUT", content))).toMatchObject({
        status: 201,
        json: { size: content.length },
      });
      const sha256 = createHash("sha256").update(content).digest("hex");
      await vi.waitFor(async () =>
        expect((await ask(`${path}/state`)).json).toEqual({ state: "ready", sha256 }),
      );
      await it.storage.put("uploads/large.bin", "other bytes");
      expect((await ask(`${path}/state`)).json).toEqual({ state: "stored" });
      expect(await ask(`${path}/fingerprint`, send("POST"))).toMatchObject({ status: 202 });
      await vi.waitFor(async () => expect((await ask(`${path}/state`)).json.state).toBe("ready"));
      expect((await ask(`${api}/files/none/fingerprint`, send("POST"))).status).toBe(404);
      expect((await ask(`${api}/files/none/state`)).status).toBe(404);
    });

    test("a signed upload, whole or in parts, that goes past it", async () => {
      const sign = (query: Readonly<Record<string, string>>) =>
        ask(`${api}/uploads?${new URLSearchParams(query)}`, send("POST"));
      const small = await sign({ name: "../direct.txt", size: "5", type: "text/plain" });
      expect(small).toMatchObject({ status: 201, json: { key: "direct.txt" } });
      const { url, method, headers } = Object(small.json.upload);
      expect((await ask(url, { method, headers, body: "hello" })).status).toBeLessThan(300);
      expect(await it.storage.exists("uploads/direct.txt")).toBe(true);
      const large = await sign({ name: "direct.bin", size: String(64 * mebibyte), type: "" });
      const { parts } = Object(large.json.upload);
      expect(parts.urls.length).toBe(Math.ceil((64 * mebibyte) / parts.partSize));
      expect((await ask(parts.abortUrl, send("DELETE"))).status).toBe(204);
      for (const size of ["", "-1", "1.5", "many"])
        expect((await sign({ name: "a", size, type: "" })).status, size).toBe(400);
      expect((await sign({ name: "a", size: "6000000000", type: "" })).status).toBe(413);
      expect((await sign({ name: "a", size: "1", type: "non\nsense" })).status).toBe(400);
    });

    test("no path that leads out of where files lie", async () => {
      await it.storage.put("private.txt", "secret");
      const names = [
        "..%2Fprivate.txt",
        "%2e%2e%2fprivate.txt",
        "..%5Cprivate.txt",
        "%252e%252e%252fprivate.txt",
      ];
      for (const name of names)
        for (const method of ["GET", "DELETE"])
          expect([400, 404], `${method} ${name}`).toContain(
            await askAsIs(it.origin, method, `/api/files/${name}`),
          );
      for (const path of ["/..%2fapp.ts", "/%2e%2e/app.ts", "/public/../app.ts", "//etc/passwd"])
        expect([400, 403, 404], path).toContain(await askAsIs(it.origin, "GET", path));
      expect(new TextDecoder().decode(await it.storage.get("private.txt"))).toBe("secret");
    });
  });
});

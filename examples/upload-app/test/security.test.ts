import { request } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { bomb } from "./bomb.ts";
import { ask, form } from "./requests.ts";
import { frameworks, isHere, site } from "./site.ts";

const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`;
const html = "<!doctype html><script>alert(1)</script>";

describe.each(["minio", "radosgw"] as const)("in a bucket on %s", (place) => {
  test.skipIf(!isHere(place)).each([
    ["page.html", "text/html", html],
    ["picture.svg", "image/svg+xml", svg],
  ])("%s is saved and not run", async (name, contentType, content) => {
    const { origin, storage } = await site({ place });
    await storage.put(`uploads/${name}`, content, { contentType });
    const link = await ask(`${origin}/api/files/${name}/link`);
    const { headers, text } = await ask(link.headers.get("location") ?? "");
    expect([headers.get("content-type"), text]).toEqual([contentType, content]);
    expect(headers.get("content-disposition")).toMatch(/^attachment;/);
  });
});

describe.each(frameworks)("with %s", (framework) => {
  test.each([
    ["HTML", html, "page.html"],
    ["SVG", svg, "picture.svg"],
    ["HTML that is called a picture", html, "photo.png"],
  ])(
    "%s that somebody has stored is saved and not run, whichever way it is opened",
    async (_what, content, name) => {
      const { origin, storage } = await site({ framework });
      const stored = await ask(`${origin}/api/files`, { method: "POST", body: form(content, name) });
      expect(stored.status).toBe(201);
      await storage.put(`uploads/typed ${name}`, content, { contentType: "text/html" });
      for (const key of [name, `typed ${name}`]) {
        const path = `${origin}/api/files/${encodeURIComponent(key)}`;
        const link = await ask(`${path}/link`);
        for (const url of [path, link.headers.get("location") ?? ""]) {
          const { headers, status } = await ask(url);
          expect(status).toBe(200);
          expect(headers.get("x-content-type-options")).toBe("nosniff");
          expect(headers.get("content-security-policy")).toMatch(/^sandbox; default-src 'none'/);
          const type = headers.get("content-type") ?? "";
          if (!/^text\/plain/.test(type)) expect(headers.get("content-disposition")).toMatch(/^attachment;/);
        }
      }
    },
  );

  test("a file's name adds no header to an answer", async () => {
    const { origin, storage } = await site({ framework });
    const name = 'a"; filename="evil.exe\u2028é.txt';
    await storage.put(`uploads/${name}`, "x");
    const { headers } = await ask(`${origin}/api/files/${encodeURIComponent(name)}/link?download=1`);
    const { headers: saved } = await ask(headers.get("location") ?? "");
    expect(saved.get("content-disposition")?.match(/filename=/g)).toHaveLength(2);
    expect(saved.get("content-disposition")).not.toContain('filename="evil.exe');
    const written = await ask(`${origin}/api/files`, {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=b" },
      body: '--b\r\ncontent-disposition: form-data; name="f"; filename="a%0d%0aset-cookie: b.txt"\r\n\r\nx\r\n--b--\r\n',
    });
    expect(written.headers.get("set-cookie")).toBe(null);
    expect((await ask(`${origin}/api/files/a%0D%0Aset-cookie%3A%20b.txt`)).status).toBe(400);
  });

  test.each(["%", "%c0%ae", "%zz/link"])(
    "a name that is no text, %s, shows nothing of the server",
    async (name) => {
      const { origin } = await site({ framework });
      for (const method of ["GET", "DELETE"]) {
        const { status, text } = await ask(`${origin}/api/files/${name}`, { method });
        expect([400, 404]).toContain(status);
        expect(text).not.toMatch(/node_modules|\.js|\.ts|at /);
      }
    },
  );

  test("no page of another origin, and none under another name, can do anything", async () => {
    const { origin, storage } = await site({ framework });
    await storage.put("uploads/a.txt", "kept");
    const foreign = { headers: { origin: "https://elsewhere.example" } };
    expect((await ask(`${origin}/api/files/a.txt`, { ...foreign, method: "DELETE" })).status).toBe(403);
    expect((await ask(`${origin}/api/files/b.txt`, { ...foreign, method: "PUT", body: "x" })).status).toBe(
      403,
    );
    expect(
      (await ask(`${origin}/api/uploads?name=a&size=1`, { headers: { origin: "null" }, method: "POST" }))
        .status,
    ).toBe(403);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request(`${origin}/api/files`, { headers: { host: "rebound.example" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.once("error", reject).end();
    });
    expect(status).toBe(403);
    expect(await storage.listKeys()).toEqual(["uploads/a.txt"]);
  });

  test("a picture of 900 megapixels in 2 MiB is not unpacked", async () => {
    const { origin } = await site({ framework });
    const idle = process.memoryUsage().rss;
    let most = 0;
    const watching = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
    onTestFinished(() => clearInterval(watching));
    const body = form(bomb(30_000), "bomb.png");
    const answer = await ask(`${origin}/api/avatar`, { headers: { "x-user": "ada" }, method: "PUT", body });
    expect(answer).toMatchObject({ status: 400, json: { error: "BrokenImage" } });
    expect((most - idle) / 2 ** 20).toBeLessThan(200);
  });
});

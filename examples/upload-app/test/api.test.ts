import { request } from "node:http";
import { expect, test } from "vitest";
import { safeName } from "../file-names.ts";
import { site } from "./site.ts";

async function post(origin: string, name: string, from = origin): Promise<Response> {
  const body = JSON.stringify({ name, size: 2, type: "text/plain" });
  return fetch(`${origin}/api/uploads`, { method: "POST", headers: { origin: from }, body });
}

test("an upload is asked for, sent to a signed link, listed, and fetched by another one", async () => {
  const { origin } = await site();
  const upload = await (await post(origin, "Grüße.txt")).json();
  const { method, url, headers } = upload;
  expect((await fetch(url, { method, headers, body: "hi" })).status).toBe(201);
  const { files } = await (await fetch(`${origin}/api/files`)).json();
  expect(files).toMatchObject([{ key: "Grüße.txt", size: 2, contentType: "text/plain" }]);
  const link = `${origin}/api/files/${encodeURIComponent("Grüße.txt")}/link`;
  expect(await (await fetch(link)).text()).toBe("hi");
});

test("a name that is taken gets a number, also when two ask for it at the same time", async () => {
  const { origin, backend } = await site();
  await backend.put("a.tar.gz", "first");
  const uploads = await Promise.all(
    ["a.tar.gz", "a.tar.gz"].map(async (name) => (await post(origin, name)).json()),
  );
  expect(uploads.map(({ key }) => key)).toEqual(["a (2).tar.gz", "a (2).tar.gz"]);
  const statuses = await Promise.all(
    uploads.map(
      async ({ method, url, headers }) => (await fetch(url, { method, headers, body: "hi" })).status,
    ),
  );
  expect(statuses.sort()).toEqual([201, 412]);
  expect(await backend.listKeys()).toEqual(["a (2).tar.gz", "a.tar.gz"]);
});

test("a page of another origin can change nothing", async () => {
  const { origin, backend } = await site();
  await backend.put("a.txt", "kept");
  expect((await post(origin, "b.txt", "https://elsewhere.example")).status).toBe(403);
  expect((await fetch(`${origin}/api/uploads`, { method: "POST", body: "{}" })).status).toBe(403);
  const headers = { origin: "https://elsewhere.example" };
  expect((await fetch(`${origin}/api/files/a.txt`, { method: "DELETE", headers })).status).toBe(403);
  expect(await backend.exists("a.txt")).toBe(true);
});

test("a request for another host is sent to the page's own address", async () => {
  const { origin } = await site();
  const { location, status } = await new Promise<{ location?: string; status?: number }>(
    (resolve, reject) => {
      const headers = { host: "rebound.example" };
      request(`${origin}/api/files?cursor=x`, { headers }, ({ headers, statusCode }) => {
        resolve({ location: headers.location ?? "", status: statusCode ?? 0 });
      })
        .on("error", reject)
        .end();
    },
  );
  expect([status, location]).toEqual([303, `${origin}/api/files`]);
});

test.each([
  ["not JSON", "nonsense", 400],
  ["null", "null", 400],
  ["without a name", '{"size":1,"type":""}', 400],
  ["with a negative size", '{"name":"a","size":-1,"type":""}', 400],
  ["with a type that is none", '{"name":"a","size":1,"type":"nonsense"}', 400],
])("a question %s is refused in words", async (_what, body, status) => {
  const { origin } = await site();
  const answer = await fetch(`${origin}/api/uploads`, { method: "POST", headers: { origin }, body });
  expect(answer.status).toBe(status);
  expect((await answer.json()).message).toMatch(/\w+ \w+/);
});

test("what is not there is 404, and no path leads out of the public folder", async () => {
  const { origin } = await site();
  const paths = ["/api/files/none.txt/link", "/api/nothing", "/nothing", "/..%2fapp.ts", "/%2e%2e/app.ts"];
  for (const path of paths) expect((await fetch(origin + path)).status, path).toBe(404);
});

test("the page tells that it is healthy", async () => {
  const { origin } = await site();
  expect((await fetch(`${origin}/_ops/health`)).status).toBe(200);
});

test.each([
  ["Ferienfoto ü 履歴書 🏔.jpg", "Ferienfoto ü 履歴書 🏔.jpg"],
  ["100% & more? #1.txt", "100% & more? #1.txt"],
  ["u\u0308.txt", "ü.txt"],
  ["folder/a.txt", "a.txt"],
  ["C:\\Users\\ada\\a.txt", "a.txt"],
  ["../../etc/passwd", "passwd"],
  ["a\u0000b\n.txt", "ab.txt"],
  [".env", ".env"],
  ["", "file"],
  ["..", "file .."],
  [".storage", "file .storage"],
  [".\u200bSTORAGE", "file .\u200bSTORAGE"],
  [`${"ü".repeat(300)}.jpeg`, `${"ü".repeat(117)}.jpeg`],
])("a file called %j is kept as %j", (name, key) => {
  expect(safeName(name)).toBe(key);
});

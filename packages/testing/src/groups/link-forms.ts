import { check, equal, fails } from "../assertions.ts";
import { type Cases, type Gate, has, when } from "../conformance-case.ts";
import { oddKeys } from "../key-samples.ts";
import { bytesOf, sha256, textOf } from "../samples.ts";
import { sent, signedIfSupported } from "../signed-uploads.ts";

const ownLinks: Gate = ({ backend }) => (backend.signer ? undefined : "its links are the service's own");

/** Names that somebody's header was once broken by. */
const filenames = [
  "plain.txt",
  'quote".txt',
  "semi;colon.txt",
  "crlf\r\nSet-Cookie: a=b.txt",
  "na\u00efve.txt",
  "\u65e5\u672c\u8a9e.txt",
  "\u{1f600}.txt",
  "back\\slash.txt",
  "a/../b.txt",
  "percent%41.txt",
  "",
  ".",
  " ",
  "evil\u202efdp.exe",
  "nul\u0000.txt",
  "x".repeat(300),
];

/** RFC 6266 and 8187: a plain name, and the exact one. */
const disposition = /^attachment; *filename="(?:[^"\\]|\\.)*"; *filename\*=UTF-8''[\w!#$&+.^`|~%-]+$/;

/** In the group of links. */
export const linkForms: Cases = {
  "the link in a put's result gives what was put": async ({ backend, fetch }) => {
    for (const key of ["folder/a b.txt", "key"]) {
      const { url } = await backend.put(key, `of ${key}`);
      check(url !== undefined || !backend.signer, "a link of our own can always be signed");
      if (url) equal(await (await fetch(new Request(url))).text(), `of ${key}`, "the body");
    }
  },
  "the link in a put's result is made when it is read": async ({ backend }) => {
    const result = await backend.put("key", "x");
    const { get, enumerable } = Object.getOwnPropertyDescriptor(result, "url") ?? {};
    equal([typeof get, enumerable], ["function", true], "url is an enumerable getter");
  },
  "a link of one backend is refused by every other": when(ownLinks, async ({ backend, another }) => {
    const other = await another();
    await backend.put("key", "of the one");
    await other.backend.put("key", "of the other");
    const answer = await other.fetch(new Request(await backend.getUrl("key")));
    await answer.arrayBuffer();
    equal(answer.status, 403, "the status");
  }),
  "a download may have any name": async ({ backend, fetch }) => {
    await backend.put("key.txt", "x");
    for (const download of filenames) {
      const answer = await fetch(new Request(await backend.getUrl("key.txt", { download })));
      equal([answer.status, await answer.text()], [200, "x"], "the answer");
      const header = answer.headers.get("content-disposition") ?? "";
      check(disposition.test(header), `the header for ${JSON.stringify(download)}: ${header}`);
    }
  },
  "a link that is none to save is no attachment": when(has("contentType"), async ({ backend, fetch }) => {
    await backend.put("key.txt", "x");
    const answer = await fetch(new Request(await backend.getUrl("key.txt", { download: false })));
    equal(await answer.text(), "x", "the body");
    check(!answer.headers.get("content-disposition")?.startsWith("attachment"), "it is shown");
  }),
  "a link of our own has the form that others verify": when(ownLinks, async ({ backend }) => {
    await backend.put("folder/a b\u00e9.txt", "x");
    const before = Math.floor(Date.now() / 1000);
    const url = new URL(await backend.getUrl("folder/a b\u00e9.txt", { expiresIn: 600 }));
    check(url.pathname.endsWith("/folder/a%20b%C3%A9.txt"), "each segment is percent-encoded");
    const expires = Number(url.searchParams.get("expires"));
    check(expires >= before + 600 && expires <= before + 660, "expires is in Unix seconds");
    check(/^[\w-]{43}$/.test(url.searchParams.get("signature") ?? ""), "the signature is in base64url");
  }),
  "the signer tells what a link is for, and refuses what is none": when(ownLinks, async ({ backend }) => {
    await backend.put("folder/key", "x");
    const url = await backend.getUrl("folder/key", { expiresIn: 600, contentType: "text/plain" });
    const { signer } = backend;
    const found = await signer?.verify({ method: "GET", url });
    check(found?.key.endsWith("folder/key") === true, "the key");
    equal([found?.method, found?.contentType], ["GET", "text/plain"], "method and type");
    check(Math.abs((found?.expiresAt.getTime() ?? 0) - Date.now() - 600_000) < 60_000, "the expiry");
    equal(textOf((await signer?.backend.get(found?.key ?? "")) ?? bytesOf("")), "x", "what it serves");
    for (const [method, forged] of [
      ["PUT", url],
      ["DELETE", url],
      ["GET", url.replace("folder/key", "folder/kez")],
      ["GET", url.slice(0, -1)],
      ["GET", url.slice(0, url.indexOf("&signature"))],
      ["GET", `${url}A`],
    ] as const)
      await fails(signer?.verify({ method, url: forged }) ?? Promise.resolve(), "PermissionDenied");
  }),
};

/** In the group of signed uploads. */
export const uploadForms: Cases = {
  "every legal key can be uploaded to": async ({ backend, fetch }) => {
    const keys = Object.values(oddKeys).flatMap((those) => those.slice(0, 6));
    await Promise.all(
      keys.map(async (key) => {
        const { url, method, headers } = await backend.getUploadUrl(key);
        const answer = await fetch(new Request(url, { method, headers, body: key }));
        await answer.arrayBuffer();
        check(answer.ok, `the upload to ${key} is taken, and was answered with ${answer.status}`);
        equal(textOf(await backend.get(key)), key, "the body");
      }),
    );
  },
  "a signed upload has the type of its key": when(has("contentType"), async ({ backend, fetch }) => {
    const { url, method, headers } = await backend.getUploadUrl("folder/key.csv");
    await (await fetch(new Request(url, { method, headers, body: "a,b" }))).arrayBuffer();
    equal((await backend.getMetadata("folder/key.csv")).contentType, "text/csv", "the type");
  }),
  "an upload's link without one of its parameters is refused": async ({ backend, fetch }) => {
    const upload = await backend.getUploadUrl("key", { size: 5 });
    for (const name of new URL(upload.url).searchParams.keys()) {
      const url = new URL(upload.url);
      url.searchParams.delete(name);
      const { method, headers } = upload;
      const answer = await fetch(new Request(url, { method, headers, body: "12345" }));
      await answer.arrayBuffer();
      check(answer.status >= 400 && answer.status < 500, `without ${name}: ${answer.status}`);
    }
    equal(await backend.exists("key"), false, "exists");
  },
  "an upload that is refused leaves what was there": async (world) => {
    const { backend } = world;
    await backend.put("key", "kept");
    const checksum = { sha256: await sha256(bytesOf("right")) };
    for (const options of [{ maxBytes: 3 }, { minBytes: 10 }, { size: 4 }, { checksum }]) {
      const upload = await signedIfSupported(world, options);
      if (upload) check((await sent(world, upload, "wrong")) >= 400, "the upload is refused");
    }
    equal(textOf(await backend.get("key")), "kept", "the body");
  },
};

import type { UrlOptions } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import {
  type ConformanceGroup,
  group,
  has,
  lacks,
  reachesLinks,
  type World,
  when,
} from "../conformance-case.ts";
import { oddKeys } from "../key-samples.ts";
import { bytesOf, delay, randomBytes } from "../samples.ts";
import { linkForms } from "./link-forms.ts";

async function got({ fetch }: World, url: string, init?: RequestInit): Promise<Response> {
  return await fetch(new Request(url, init));
}

/** The answer has been read, so that nothing of it stays open. */
async function statusOf(world: World, url: string, init?: RequestInit): Promise<number> {
  const answer = await got(world, url, init);
  await answer.arrayBuffer();
  return answer.status;
}

/** A link whose signature does not fit is refused, in the words of this service or that. */
const refusals = [400, 401, 403, 404, 405];

async function isRefused(world: World, url: string, init?: RequestInit): Promise<void> {
  const status = await statusOf(world, url, init);
  check(refusals.includes(status), `a forged link is refused, and was answered with ${status}: ${url}`);
}

const linked =
  (options: UrlOptions) =>
  async (world: World): Promise<Response> => {
    await world.backend.put("folder/r\u00e9port.txt", "content");
    return await got(world, await world.backend.getUrl("folder/r\u00e9port.txt", options));
  };

export const links: ConformanceGroup = group(
  "Links",
  {
    ...linkForms,
    "a link gives the object to who has no credentials": async (world) => {
      const body = randomBytes(200_000, 31);
      await world.backend.put("test signed/a b=c/\u03c0.bin", body);
      const answer = await got(world, await world.backend.getUrl("test signed/a b=c/\u03c0.bin"));
      equal(answer.status, 200, "the status");
      equal(new Uint8Array(await answer.arrayBuffer()), body, "the body");
    },
    "every legal key has a link that works": async (world) => {
      const works = async (key: string): Promise<void> => {
        await world.backend.put(key, key);
        const answer = await got(world, await world.backend.getUrl(key));
        equal(
          [answer.status, new Uint8Array(await answer.arrayBuffer())],
          [200, bytesOf(key)],
          `the link of ${key}`,
        );
      };
      for (const keys of Object.values(oddKeys)) await Promise.all(keys.map(works));
    },
    "a link carries the object's type and length": when(has("contentType"), async (world) => {
      await world.backend.put("key.csv", "a,b", { contentType: "text/csv" });
      const answer = await got(world, await world.backend.getUrl("key.csv"));
      equal(answer.headers.get("content-type")?.split(";")[0], "text/csv", "the type");
      equal(await answer.text(), "a,b", "the body");
    }),
    "a link that need not exist is signed, and answers 404": async (world) => {
      const url = await world.backend.getUrl("not/yet", { mustExist: false });
      check([403, 404].includes(await statusOf(world, url)), "there is nothing yet");
      await world.backend.put("not/yet", "now");
      equal(await (await got(world, url)).text(), "now", "the body");
    },
    "a link can be one to save under the key's last name": async (world) => {
      const answer = await linked({ download: true })(world);
      const disposition = answer.headers.get("content-disposition") ?? "";
      check(disposition.startsWith("attachment"), "it is an attachment");
      check(disposition.includes("filename*=UTF-8''r%C3%A9port.txt"), "it has the name");
      check(/filename="[ -~]*"/.test(disposition), "it has a plain name, too");
      await answer.arrayBuffer();
    },
    "a link can be one to save under another name": async (world) => {
      const answer = await linked({ download: 'na\u00efve "x".txt' })(world);
      check(
        (answer.headers.get("content-disposition") ?? "").includes(
          "filename*=UTF-8''na%C3%AFve%20%22x%22.txt",
        ),
        "it has the name",
      );
      await answer.arrayBuffer();
    },
    "a link can say of which type the answer is": async (world) => {
      const answer = await linked({ contentType: "text/plain; charset=utf-8" })(world);
      equal(answer.headers.get("content-type"), "text/plain; charset=utf-8", "the type");
      await answer.arrayBuffer();
    },
    "a link can say how long the answer may be kept, or is NotSupported": async (world) => {
      await world.backend.put("key", "x");
      const signing = world.backend.getUrl("key", { cacheControl: "private, max-age=7" });
      const url = await signing.catch((error: unknown) => fails(Promise.reject(error), "NotSupported"));
      // No parameter of Google's signed links sets it.
      if (typeof url !== "string") return;
      const answer = await got(world, url);
      equal(answer.headers.get("cache-control"), "private, max-age=7", "the cache control");
      await answer.arrayBuffer();
    },
    "a link gives ranges": when(has("rangeReads"), async (world) => {
      await world.backend.put("key", "0123456789");
      const url = await world.backend.getUrl("key");
      const answer = await got(world, url, { headers: { range: "bytes=2-4" } });
      equal(
        [answer.status, answer.headers.get("content-range"), await answer.text()],
        [206, "bytes 2-4/10", "234"],
        "the answer",
      );
      equal(await statusOf(world, url, { headers: { range: "bytes=10-" } }), 416, "the status past the end");
    }),
    "a link answers HEAD with what GET would tell": when(
      ({ backend }) => (backend.signer ? undefined : "its links are of one method"),
      async (world) => {
        await world.backend.put("key.txt", "0123456789");
        const answer = await got(world, await world.backend.getUrl("key.txt"), { method: "HEAD" });
        equal([answer.status, answer.headers.get("content-length")], [200, "10"], "status and length");
        equal(await answer.text(), "", "the body");
      },
    ),
    "a link answers what the reader has already with 304": async (world) => {
      await world.backend.put("key", "x");
      const url = await world.backend.getUrl("key");
      const first = await got(world, url);
      await first.arrayBuffer();
      const etag = first.headers.get("etag") ?? "";
      equal(await statusOf(world, url, { headers: { "if-none-match": etag } }), 304, "the status");
    },
    "a link is of its method": async (world) => {
      await world.backend.put("key", "kept");
      const url = await world.backend.getUrl("key");
      for (const method of ["PUT", "POST", "DELETE"]) await isRefused(world, url, { method });
      equal(await (await got(world, url)).text(), "kept", "the body");
    },
    "a link is of its key": async (world) => {
      for (const key of ["key", "key2", "kez"]) await world.backend.put(key, key);
      const url = new URL(await world.backend.getUrl("key"));
      for (const other of ["key2", "kez"]) {
        const forged = new URL(url);
        forged.pathname = forged.pathname.replace(/key$/, other);
        await isRefused(world, forged.href);
      }
    },
    "a link lives no longer than it says": async (world) => {
      await world.backend.put("key", "x");
      const url = await world.backend.getUrl("key", { expiresIn: 3 });
      equal(await statusOf(world, url), 200, "the status at once");
      await delay(4100);
      await isRefused(world, url);
    },
    "each parameter of a link is signed": async (world) => {
      await world.backend.put("key", "x");
      const url = new URL(
        await world.backend.getUrl("key", {
          download: "name.txt",
          contentType: "text/plain",
        }),
      );
      for (const [name, value] of url.searchParams) {
        const last = value.at(-1) === "1" ? "2" : "1";
        const changed = new URL(url);
        changed.searchParams.set(name, value.slice(0, -1) + last);
        await isRefused(world, changed.href);
        const without = new URL(url);
        without.searchParams.delete(name);
        await isRefused(world, without.href);
      }
      equal(await statusOf(world, url.href), 200, "the link as it was");
    },
    "a parameter of our own links may not come twice, or be added": when(
      ({ backend }) => (backend.signer ? undefined : "its links are the service's own"),
      async (world) => {
        await world.backend.put("key", "x");
        const url = await world.backend.getUrl("key");
        for (const [name, value] of new URL(url).searchParams)
          await isRefused(world, `${url}&${name}=${encodeURIComponent(value)}`);
        await isRefused(world, `${url}&contentType=text/html`);
        for (const more of ["&x=1", "&", "&&"]) await isRefused(world, `${url}${more}`);
      },
    ),
  },
  has("signedUrls"),
  reachesLinks,
);

export const linkTerms: ConformanceGroup = group(
  "Terms of a link",
  {
    "a link to a missing object is FileNotFound": async ({ backend }) => {
      const error = await fails(backend.getUrl("missing/key"), "FileNotFound");
      equal(error.key, "missing/key", "the error's key");
    },
    "a life of no seconds, or of more than a week, is refused": async ({ backend }) => {
      await backend.put("key", "x");
      for (const expiresIn of [0, -1, 1.5, 604_801, Number.NaN])
        await fails(backend.getUrl("key", { expiresIn }), "InvalidArgument");
      await backend.getUrl("key", { expiresIn: 604_800 });
    },
    "a link's headers that could not be headers are refused": async ({ backend }) => {
      await backend.put("key", "x");
      await fails(backend.getUrl("key", { contentType: "text/plain\r\nX: 1" }), "InvalidArgument");
      await fails(backend.getUrl("key", { cacheControl: "a\nb" }), "InvalidArgument");
    },
    "a link shows nothing of where the files lie": async ({ backend }) => {
      await backend.put("key", "x");
      check(
        !/\/(tmp|var|home|root|Users)\//.test(new URL(await backend.getUrl("key")).pathname),
        "no path of a disk",
      );
    },
  },
  has("signedUrls"),
);

export const noLinks: ConformanceGroup = group(
  "Links that are not there",
  {
    "without links, one is NotSupported": async ({ backend }) => {
      await backend.put("key", "x");
      await fails(backend.getUrl("key"), "NotSupported");
      equal(backend.signer, undefined, "the signer");
    },
  },
  lacks("signedUrls"),
);

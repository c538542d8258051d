import { refusedBody } from "./object-answers.ts";
import type { ObjectStore } from "./object-store.ts";
import { element, failure, type Reply, xml } from "./replies.ts";
import type { ShapeRequest } from "./requests.ts";

/** Of a page, and of a batch. */
const mostKeys = 1000;

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** `encoding-type=url`, with a plus sign for a blank, as S3 itself does it. */
const urlEncoded = (key: string): string =>
  encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+");

export function listObjects({ query }: ShapeRequest, store: ObjectStore): Reply {
  const { prefix = "", delimiter = "", "continuation-token": token } = query;
  const start = token === undefined ? (query["start-after"] ?? "") : "";
  const told = Buffer.from(token ?? "", "base64url").toString();
  const limit = Math.min(Number(query["max-keys"] ?? mostKeys), mostKeys);
  const encoded = query["encoding-type"] === "url" ? urlEncoded : (key: string) => key;
  const names = new Map<string, string>();
  for (const key of store.keys()) {
    if (!key.startsWith(prefix) || compare(key, start) <= 0) continue;
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const name = cut < 0 ? key : key.slice(0, cut + delimiter.length);
    if (compare(name, told) > 0) names.set(name, cut < 0 ? "key" : "prefix");
  }
  const page = [...names].slice(0, limit);
  const rows = page.map(([name, kind]) =>
    kind === "key"
      ? content(name, encoded, store)
      : `<CommonPrefixes>${element("Prefix", encoded(name))}</CommonPrefixes>`,
  );
  const last = page.at(-1)?.[0];
  const isTruncated = names.size > page.length && last !== undefined;
  const next = isTruncated ? element("NextContinuationToken", Buffer.from(last).toString("base64url")) : "";
  const encoding = query["encoding-type"] === "url" ? element("EncodingType", "url") : "";
  return xml("ListBucketResult", element("IsTruncated", isTruncated) + next + encoding + rows.join(""));
}

function content(key: string, encoded: (key: string) => string, store: ObjectStore): string {
  const held = store.objects.get(key);
  if (held === undefined) return "";
  const facts = element("ETag", held.etag) + element("LastModified", held.modified.toISOString());
  return `<Contents>${element("Key", encoded(key))}${facts}${element("Size", held.bytes.length)}</Contents>`;
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|(\w+));/gi, (all, code, name) =>
    code === undefined ? (entities[name] ?? all) : String.fromCodePoint(Number.parseInt(code, 16)),
  );
}

/** The keys that DeleteObjects names. */
export function namedKeys({ body }: ShapeRequest): string[] {
  return Array.from(body.toString().matchAll(/<Key>(.*?)<\/Key>/gs), ([, key = ""]) => unescaped(key));
}

export function deleteObjects(request: ShapeRequest, store: ObjectStore): Reply {
  if (!Object.keys(request.headers).some((name) => /^(content-md5|x-amz-checksum-.*)$/.test(name)))
    return failure(400, "InvalidRequest", "Missing required header for this request: Content-MD5");
  const refused = refusedBody(request);
  if (refused) return refused;
  const keys = namedKeys(request);
  if (keys.length > mostKeys) return failure(400, "MalformedXML", "The XML you provided was not well-formed");
  for (const key of keys) store.objects.delete(key);
  const isQuiet = /<Quiet>true</.test(request.body.toString());
  const deleted = keys.map((key) => `<Deleted>${element("Key", key)}</Deleted>`);
  return xml("DeleteResult", isQuiet ? "" : deleted.join(""));
}

import type { SignedParts } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import { type Cases, type Gate, has, type World, when } from "../conformance-case.ts";
import { oddKeys } from "../key-samples.ts";
import { delay, randomBytes, sha256, textOf } from "../samples.ts";
import { isRefused, isStored, sent, signedIfSupported } from "../signed-uploads.ts";

const signsForms: Gate = ({ backend }) =>
  backend.capabilities.signedUploads.includes("POST") ? undefined : "no signed POST";

const form = { method: "POST" } as const;

/** By POST, with the fields of a policy. */
const formCases: Cases = {
  "a form stores what is sent": async (world) => {
    const upload = await world.backend.getUploadUrl("key", { ...form, contentType: "text/csv" });
    equal(upload.method, "POST", "the method");
    await isStored(world, await sent(world, upload, "a,b"), "a,b");
    equal((await world.backend.getMetadata("key")).contentType, "text/csv", "the type");
  },
  "every legal key has a form": async (world) => {
    const keys = Object.values(oddKeys).flatMap((those) => those.slice(0, 6));
    for (const key of keys) {
      const upload = await signedIfSupported(world, form, key);
      if (upload === undefined) continue;
      const status = await sent(world, upload, key);
      check(status < 300, `the upload to ${key} is taken, and was answered with ${status}`);
      equal(textOf(await world.backend.get(key)), key, "the body");
    }
  },
  "a form is held to the range of sizes that it says": async (world) => {
    const upload = await world.backend.getUploadUrl("key", { ...form, minBytes: 2, maxBytes: 3 });
    for (const body of ["1", "1234"]) await isRefused(world, await sent(world, upload, body));
    await isStored(world, await sent(world, upload, "123"), "123");
  },
  "a form is held to the size that it says": async (world) => {
    const upload = await world.backend.getUploadUrl("key", { ...form, size: 3 });
    for (const body of ["12", "1234"]) await isRefused(world, await sent(world, upload, body));
    await isStored(world, await sent(world, upload, "123"), "123");
  },
  "each field of a form is signed": async (world) => {
    const metadata = world.backend.capabilities.userMetadata ? { author: "ada" } : {};
    const upload = await world.backend.getUploadUrl("key", { ...form, contentType: "text/csv", metadata });
    const { fields = {} } = upload;
    for (const [name, value] of Object.entries(fields)) {
      const changed = { ...fields, [name]: `${value.slice(0, -1)}${value.at(-1) === "1" ? "2" : "1"}` };
      await isRefused(world, await sent(world, { ...upload, fields: changed }, "x"));
    }
    await isStored(world, await sent(world, upload, "x"), "x");
  },
  "a form lives no longer than it says": async (world) => {
    const upload = await world.backend.getUploadUrl("key", { ...form, expiresIn: 1 });
    await delay(2100);
    await isRefused(world, await sent(world, upload, "x"));
  },
};

export const forms: Cases = gated(signsForms, formCases);

/** Bytes of three parts, the last of which is shorter. */
const large = randomBytes(17_000_000, 43);

async function sendParts(
  { fetch }: World,
  { urls, partSize }: SignedParts,
  body: Uint8Array<ArrayBuffer>,
): Promise<string[]> {
  const sending = urls.map(async (url, at) => {
    const part = body.subarray(at * partSize, (at + 1) * partSize);
    const answer = await fetch(new Request(url, { method: "PUT", body: part }));
    await answer.arrayBuffer();
    check(answer.ok, `part ${at + 1} is taken, and was answered with ${answer.status}`);
    return answer.headers.get("etag") ?? "";
  });
  return await Promise.all(sending);
}

async function complete({ fetch }: World, url: string, etags: readonly string[]): Promise<number> {
  const parts = etags.map(
    (etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
  );
  const body = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
  const answer = await fetch(
    new Request(url, { method: "POST", headers: { "content-type": "application/xml" }, body }),
  );
  const isDone = answer.ok && !(await answer.text()).includes("<Error>");
  return isDone ? answer.status : 400;
}

const partCases: Cases = {
  "an upload in parts stores what is sent": async (world) => {
    const metadata = world.backend.capabilities.userMetadata ? { author: "ada" } : {};
    const options = { parts: true, size: large.length, contentType: "video/mp4", metadata };
    const { parts } = await world.backend.getUploadUrl("key", options);
    if (parts === undefined) return check(false, "there are parts");
    check(Math.ceil(large.length / parts.partSize) === parts.urls.length, "one link for each part");
    const etags = await sendParts(world, parts, large);
    equal(await world.backend.exists("key"), false, "exists before the end");
    check((await complete(world, parts.completeUrl, etags)) < 300, "the end is taken");
    equal(await sha256(await world.backend.get("key")), await sha256(large), "the digest of the body");
    const found = await world.backend.getMetadata("key");
    equal([found.contentType, found.metadata], ["video/mp4", metadata], "type and metadata");
  },
  "a part of another size is refused": async (world) => {
    const { parts } = await world.backend.getUploadUrl("key", { parts: true, size: 5 });
    const answer = await world.fetch(new Request(parts?.urls[0] ?? "", { method: "PUT", body: "123456" }));
    await isRefused(world, answer.status);
  },
  "an upload in parts can be given up": async (world) => {
    const { parts } = await world.backend.getUploadUrl("key", { parts: true, size: 5 });
    if (parts === undefined) return check(false, "there are parts");
    const etags = await sendParts(world, parts, randomBytes(5, 44));
    const answer = await world.fetch(new Request(parts.abortUrl, { method: "DELETE" }));
    check(answer.ok, "the abort is taken");
    check((await complete(world, parts.completeUrl, etags)) >= 400, "there is nothing to end");
    equal(await world.backend.listKeys(), [], "the keys");
  },
  "an upload in parts takes its size": async ({ backend }) => {
    await fails(backend.getUploadUrl("key", { parts: true }), "InvalidArgument");
  },
};

export const partedUploads: Cases = gated(has("uploadParts"), partCases);

function gated(gate: Gate, cases: Cases): Cases {
  return Object.fromEntries(Object.entries(cases).map(([sentence, run]) => [sentence, when(gate, run)]));
}

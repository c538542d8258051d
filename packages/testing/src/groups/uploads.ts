import type { SignedUpload, UploadUrlOptions } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import {
  type ConformanceGroup,
  group,
  has,
  reachesLinks,
  signsPuts,
  type World,
  when,
} from "../conformance-case.ts";
import { bytesOf, delay, randomBytes, sha256, textOf } from "../samples.ts";
import { isRefused, isStored, sent, signedIfSupported } from "../signed-uploads.ts";
import { uploadForms } from "./link-forms.ts";
import { forms, partedUploads } from "./upload-kinds.ts";

const signed = (world: World, options: UploadUrlOptions = {}): Promise<SignedUpload> =>
  world.backend.getUploadUrl("key", options);

export const uploads: ConformanceGroup = group(
  "Signed uploads",
  {
    ...uploadForms,
    "a signed upload stores what is sent": async (world) => {
      const upload = await signed(world);
      equal(upload.method, "PUT", "the method");
      await isStored(world, await sent(world, upload, "content"), "content");
    },
    "a signed upload stores many bytes": async (world) => {
      const body = randomBytes(6_000_000, 41);
      const status = await sent(world, await signed(world), body);
      check(status < 300, "the upload is taken");
      equal(await sha256(await world.backend.get("key")), await sha256(body), "the digest of the body");
    },
    "a signed upload stores the signed type": when(has("contentType"), async (world) => {
      await sent(world, await signed(world, { contentType: "text/csv" }), "a,b");
      equal((await world.backend.getMetadata("key")).contentType, "text/csv", "the type");
    }),
    "a signed upload of another type is refused": when(has("contentType"), async (world) => {
      const upload = await signed(world, { contentType: "image/png" });
      await isRefused(
        world,
        await sent(world, upload, "<html>", { headers: { ...upload.headers, "content-type": "text/html" } }),
      );
    }),
    "a signed upload stores the signed metadata": when(has("userMetadata"), async (world) => {
      await sent(world, await signed(world, { metadata: { author: "ada" } }), "x");
      equal((await world.backend.getMetadata("key")).metadata, { author: "ada" }, "the metadata");
    }),
    "a signed upload of the signed size is taken": async (world) => {
      await isStored(world, await sent(world, await signed(world, { size: 5 }), "12345"), "12345");
    },
    "a signed upload of another size is refused": async (world) => {
      for (const body of ["1234", "123456", ""])
        await isRefused(world, await sent(world, await signed(world, { size: 5 }), body));
    },
    "a signed upload past maxBytes is refused": async (world) => {
      const upload = await signedIfSupported(world, { maxBytes: 5 });
      if (upload === undefined) return;
      await isRefused(world, await sent(world, upload, "123456"));
      await isStored(world, await sent(world, upload, "12345"), "12345");
    },
    "a signed upload below minBytes is refused": async (world) => {
      const upload = await signedIfSupported(world, { minBytes: 5 });
      if (upload === undefined) return;
      await isRefused(world, await sent(world, upload, "1234"));
      await isStored(world, await sent(world, upload, "12345"), "12345");
    },
    "a signed upload of another checksum is refused": async (world) => {
      const upload = await signedIfSupported(world, { checksum: { sha256: await sha256(bytesOf("right")) } });
      if (upload === undefined) return;
      await isRefused(world, await sent(world, upload, "wrong"));
      await isStored(world, await sent(world, upload, "right"), "right");
    },
    "a create-only upload is taken once": when(has("createOnly"), async (world) => {
      const upload = await signed(world, { ifNoneMatch: "*" });
      await isStored(world, await sent(world, upload, "first"), "first");
      equal(await sent(world, upload, "second"), 412, "the second status");
      equal(textOf(await world.backend.get("key")), "first", "the body");
    }),
    "an upload's link is of its key and method": async (world) => {
      const upload = await signed(world);
      const forged = new URL(upload.url);
      forged.pathname = forged.pathname.replace(/key$/, "kez");
      await isRefused(world, await sent(world, { ...upload, url: forged.href }, "x"));
      for (const method of ["DELETE", "POST"])
        await isRefused(world, await sent(world, upload, "x", { method }));
    },
    "each parameter of an upload's link is signed": async (world) => {
      const upload = await signed(world, { size: 5, contentType: "text/plain" });
      const url = new URL(upload.url);
      for (const [name, value] of url.searchParams) {
        const changed = new URL(url);
        changed.searchParams.set(name, `${value.slice(0, -1)}${value.at(-1) === "1" ? "2" : "1"}`);
        await isRefused(world, await sent(world, { ...upload, url: changed.href }, "12345"));
      }
    },
    "an upload's link lives no longer than it says": async (world) => {
      const upload = await signed(world, { expiresIn: 1 });
      await delay(2100);
      await isRefused(world, await sent(world, upload, "x"));
    },
    "a link to read is none to write, and the reverse": async (world) => {
      const upload = await signed(world);
      await world.backend.put("key", "kept");
      const url = await world.backend.getUrl("key");
      check((await sent(world, { ...upload, url }, "forged")) >= 400, "a link to read is refused a PUT");
      const answer = await world.fetch(new Request(upload.url));
      await answer.arrayBuffer();
      check(answer.status >= 400, "a link to write is refused a GET");
      equal(textOf(await world.backend.get("key")), "kept", "the body");
    },
  },
  signsPuts,
  reachesLinks,
);

export const uploadTerms: ConformanceGroup = group(
  "Terms of a signed upload",
  {
    "terms of an upload that make no sense are refused": async ({ backend }) => {
      for (const options of [
        { expiresIn: 0 },
        { size: -1 },
        { minBytes: 5, maxBytes: 4 },
        { contentType: "nonsense" },
        { metadata: { "a b": "c" } },
        { method: "GET" },
        { zebra: 1 },
      ])
        await fails(backend.getUploadUrl("key", options as UploadUrlOptions), "InvalidArgument");
    },
    "a signed upload tells when it ends": async ({ backend }) => {
      const { expiresAt } = await backend.getUploadUrl("key", { expiresIn: 600 });
      check(Math.abs(expiresAt.getTime() - Date.now() - 600_000) < 60_000, "in 600 seconds");
    },
  },
  signsPuts,
);

export const uploadKinds: ConformanceGroup = group(
  "Kinds of signed uploads",
  { ...forms, ...partedUploads },
  reachesLinks,
);

export const otherUploads: ConformanceGroup = group("Uploads that are not there", {
  "without signed PUTs, one is NotSupported": when(
    ({ backend }) =>
      backend.capabilities.signedUploads.includes("PUT")
        ? "it signs PUTs, so that nothing is refused"
        : undefined,
    async ({ backend }) => {
      await fails(backend.getUploadUrl("key", { method: "PUT" }), "NotSupported");
    },
  ),
  "without signed POSTs, one is NotSupported": when(
    ({ backend }) =>
      backend.capabilities.signedUploads.includes("POST")
        ? "it signs POSTs, so that nothing is refused"
        : undefined,
    async ({ backend }) => {
      await fails(backend.getUploadUrl("key", { method: "POST" }), "NotSupported");
    },
  ),
  "without uploads in parts, one is NotSupported": when(
    ({ backend }) =>
      backend.capabilities.uploadParts ? "it has uploadParts, so that nothing is refused" : undefined,
    async ({ backend }) => {
      await fails(backend.getUploadUrl("key", { parts: true }), "NotSupported");
    },
  ),
});

import { withPrefix } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import { type Cases, has, when } from "../conformance-case.ts";
import { handled } from "../held-put.ts";
import { randomBytes, sha256, textOf, within } from "../samples.ts";

const large = randomBytes(3_000_000, 94);

export const closing: Cases = {
  "close lets a body that is being read end": async ({ backend }) => {
    await backend.put("key", large);
    const { body } = await backend.open("key");
    const reader = body.getReader();
    const first = await reader.read();
    const closing = handled(backend.close({ timeout: 30_000 }));
    const chunks = [first.value ?? new Uint8Array()];
    for (let step = await reader.read(); !step.done; step = await reader.read()) chunks.push(step.value);
    const whole = await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer();
    equal(await sha256(new Uint8Array(whole)), await sha256(large), "the digest of the body");
    await closing;
  },
  "close ends a body that nobody reads on, with an error": async ({ backend }) => {
    await backend.put("key", large);
    const { body } = await backend.open("key");
    const reader = body.getReader();
    await reader.read();
    await backend.close({ timeout: 50 });
    const rest = (async () => {
      while (!(await reader.read()).done);
    })();
    await fails(rest, "Aborted", "Closed");
  },
  "close waits for no body that was dropped": async ({ backend }) => {
    await backend.put("key", large);
    await (await backend.open("key")).body.cancel();
    for await (const _ of (await backend.open("key")).body) break;
    await (await backend.open("key"))[Symbol.asyncDispose]();
    check(await within(backend.close({ timeout: 30_000 }), 5000), "the backend is closed");
  },
  "close refuses options that it does not know or that make no sense, and closes nothing": async ({
    backend,
  }) => {
    for (const options of [{ zebra: 1 }, { timeout: -1 }, { timeout: "5" }])
      await fails(backend.close(options as object), "InvalidArgument");
    await backend.put("key", "x");
    equal(textOf(await backend.get("key")), "x", "the body");
  },
  "a view of it sees its objects, and closes nothing": async ({ backend }) => {
    const view = withPrefix(backend, "view/");
    equal([view.name, view.layers], [backend.name, ["prefix", ...backend.layers]], "name and layers");
    await view.put("key", "through the view");
    equal(textOf(await backend.get("view/key")), "through the view", "the body");
    await backend.put("view/other", "beside the view");
    equal(await view.listKeys(), ["key", "other"], "the keys of the view");
    equal((await fails(view.get("missing"), "FileNotFound")).key, "missing", "the error's key");
    await view.close();
    equal(await backend.exists("view/key"), true, "exists");
  },
  "its limits on metadata are kept": when(has("userMetadata"), async ({ backend }) => {
    const { metadataBytes } = backend.limits;
    check(metadataBytes <= 2048, "no more than the contract allows");
    await fails(
      backend.put("key", "x", { metadata: { name: "v".repeat(metadataBytes - 3) } }),
      "InvalidArgument",
    );
    await backend.put("key", "x", { metadata: { name: "v".repeat(metadataBytes - 4) } });
  }),
};

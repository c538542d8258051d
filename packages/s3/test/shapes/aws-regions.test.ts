import type { StorageBackend } from "@storage/core";
import { describe, expect, it } from "vitest";
import {
  bareForOtherReasons,
  home,
  moments,
  permanentRedirect,
  rules,
  temporaryRedirect,
  wrongLocation,
} from "./aws-regions.ts";
import { expectAllMet, shapedBucket } from "./shaped-bucket.ts";

/** Each by another way to the service: signed by us, or sent by the SDK; with a body in the answer, or without. */
const calls: readonly (readonly [name: string, call: (backend: StorageBackend) => Promise<unknown>])[] = [
  ["get", (backend) => backend.get("key")],
  ["put", (backend) => backend.put("key", "x")],
  ["exists", (backend) => backend.exists("key")],
  ["getMetadata", (backend) => backend.getMetadata("key")],
  ["listKeys", (backend) => backend.listKeys()],
  ["checkHealth", (backend) => backend.checkHealth()],
];

const misplaced = {
  code: "Configuration",
  retryable: false,
  outcome: "not-applied",
  message: expect.stringContaining(`region ${home}`),
};

describe("AWS S3, a bucket in another region", () => {
  it.each(calls)("%s with the wrong region names the right one, which then works", async (_name, call) => {
    const { server, open } = await shapedBucket("aws", rules);
    await expect(call(open({ region: "us-east-1" }))).rejects.toMatchObject(misplaced);
    expect(server.seen.length).toBe(1);
    const backend = open({ region: home });
    await backend.put("key", "x");
    await call(backend);
  });

  it.each(calls)("%s that is redirected names the region, and follows nothing", async (_name, call) => {
    const { server, open } = await shapedBucket("aws");
    for (const quirk of [permanentRedirect, temporaryRedirect]) {
      server.strike(quirk, 1);
      await expect(call(open())).rejects.toMatchObject(misplaced);
    }
    expect(server.seen.length).toBe(2);
  });

  it.each(calls)("%s at a region of after 2019 names the right one", async (_name, call) => {
    const { server, open } = await shapedBucket("aws");
    server.strike(wrongLocation, 1);
    await expect(call(open())).rejects.toMatchObject(misplaced);
  });

  it("a refusal without a word that comes from the right region blames no region", async () => {
    const { server, open } = await shapedBucket("aws", rules);
    server.strike(bareForOtherReasons, 1);
    const asked = open({ region: home }).getMetadata("key");
    await expect(asked).rejects.toMatchObject({ code: "InvalidArgument", retryable: false });
  });

  it("has no quirk that these tests do not meet", () => expectAllMet([...rules, ...moments]));
});

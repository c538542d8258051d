import { describe, expect, it } from "vitest";
import { fewParts, mostParts, rules } from "./scaleway.ts";
import { codeOf, expectAllMet, oddChunks, plainClient, shapedBucket, twoParts } from "./shaped-bucket.ts";

const partSize = 5 * 2 ** 20;
/** One byte too large for so many parts of the default size. */
const size = mostParts * partSize + 1;

/** As it begins: enough to see how large the parts are, and then it breaks off. */
async function* beginning(): AsyncGenerator<Uint8Array, undefined, undefined> {
  yield* oddChunks(2 * partSize + 1000);
  throw new Error("enough");
}

describe("Scaleway Object Storage", () => {
  it("parts are so large that 1,000 of them hold what was declared", async () => {
    const { server, open } = await shapedBucket("scaleway", rules);
    const put = open({ partSize }).put("key", beginning(), { size });
    await expect(put).rejects.toMatchObject({ code: "SourceFailed" });
    const first = server.seen.find(({ request }) => request.operation === "UploadPart");
    const length = first?.request.body.length ?? 0;
    expect(Math.ceil(size / length)).toBeLessThanOrEqual(mostParts);
    expect(server.store.uploads.size).toBe(0);
  });

  it("with the parts of other services the last one would be refused", async () => {
    const { server, open } = await shapedBucket("unknown", rules);
    const put = open({ partSize }).put("key", beginning(), { size });
    await expect(put).rejects.toMatchObject({ code: "SourceFailed" });
    const first = server.seen.find(({ request }) => request.operation === "UploadPart");
    const parts = Math.ceil(size / (first?.request.body.length ?? 1));
    expect(parts).toBe(mostParts + 1);

    const client = await open().client();
    const sdk = await import("@aws-sdk/client-s3");
    const about = { Bucket: "shapes", Key: "key" };
    const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(about));
    const last = new sdk.UploadPartCommand({ ...about, UploadId, PartNumber: parts, Body: "x" });
    expect(await codeOf(client.send(last))).toBe("InvalidArgument");
    expect(server.seen.at(-1)?.quirk).toBe(fewParts.name);
  });

  it("conditions are kept, on uploads in parts and copies too", async () => {
    const { server, open } = await shapedBucket("scaleway", rules);
    const backend = open();
    const { etag } = await backend.put("key", "first", { ifNoneMatch: "*" });
    const taken = { code: "PreconditionFailed", outcome: "not-applied" };
    await expect(backend.put("key", "x", { ifNoneMatch: "*" })).rejects.toMatchObject(taken);
    await expect(backend.put("key", oddChunks(twoParts), { ifNoneMatch: "*" })).rejects.toMatchObject(taken);
    await expect(backend.copy("key", "key2", { ifNoneMatch: "*" })).resolves.toMatchObject({ size: 5 });
    await expect(backend.copy("key", "key2", { ifNoneMatch: "*" })).rejects.toMatchObject(taken);
    await expect(backend.put("key", "x", { ifMatch: "another" })).rejects.toMatchObject(taken);
    await backend.put("key", oddChunks(twoParts), { ifMatch: etag });
    expect(server.store.objects.get("key")?.bytes.length).toBe(twoParts);
    expect(server.store.uploads.size).toBe(0);
  });

  it("a condition where parts are begun is refused by the service, and never sent by us", async () => {
    const { open } = await shapedBucket("scaleway", rules);
    const { CreateMultipartUploadCommand } = await import("@aws-sdk/client-s3");
    const plain = await plainClient(open());
    plain.middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { headers: object }).headers, { "if-none-match": "*" });
        return next(args);
      },
      { step: "build" },
    );
    const begun = plain.send(new CreateMultipartUploadCommand({ Bucket: "shapes", Key: "key" }));
    expect(await codeOf(begun)).toBe("InvalidArgument");
  });

  it("has no quirk that these tests do not meet", () => expectAllMet(rules));
});

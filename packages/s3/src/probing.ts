import { createHash } from "node:crypto";
import type { Connection } from "./connection.ts";
import { encodeKey } from "./keys.ts";
import { ObjectHeaders } from "./object-headers.ts";
import { formOf } from "./presigned-uploads.ts";
import { expiryOf } from "./presigning.ts";
import { removeObjects } from "./removing.ts";
import type { S3Features } from "./s3-features.ts";
import { oneOfTwoWins, oneWins, outcomeOf, plainAttributes, Scratch, type Verdict } from "./scratch.ts";

/** Requests at once. A condition that is looked at before the write, and not with it, lets several through. */
const rivals = 16;
const rounds = 4;
/** Of no object. */
const wrongEtag = "0123456789abcdef0123456789abcdef";

/** Whether it holds for everybody at once, each time. */
async function always(holds: () => Promise<boolean>): Promise<boolean> {
  for (let round = 0; round < rounds; round++) if (!(await holds())) return false;
  return true;
}

const among = <T>(rival: T): T[] => Array.from({ length: rivals }, () => rival);

/**
 * Tries each feature on objects of its own, and removes them. Takes some two hundred requests.
 *
 * @throws what keeps a request from being answered clearly: no permission, no bucket, an outage.
 */
export async function probeFeatures(connection: Connection, signal: AbortSignal): Promise<S3Features> {
  const scratch = new Scratch(connection, signal);
  try {
    const createOnly = await keepsCreateOnly(scratch);
    const compareAndSwap = await keepsCompareAndSwap(scratch);
    return {
      createOnly,
      compareAndSwap,
      conditionalParts: createOnly && compareAndSwap && (await keepsConditionsOfParts(scratch)),
      conditionalDelete: compareAndSwap && (await keepsConditionalDelete(scratch)),
      copyIfMatch: await keepsCopyIfMatch(scratch),
      copyCreateOnly: await keepsCopyCreateOnly(scratch),
      batchDelete: await deletesBatches(scratch),
      uploadForms: await takesForms(scratch),
      uploadChecksums: await checksUploads(scratch),
      underscores: await keepsUnderscores(scratch),
      keyAndPrefix: await keyBesidePrefix(scratch),
    };
  } finally {
    await scratch.remove();
  }
}

async function keepsCreateOnly(scratch: Scratch): Promise<boolean> {
  const { key } = await scratch.object();
  const condition = { "if-none-match": "*" };
  if ((await outcomeOf(() => scratch.put(key, condition))) !== "refused") return false;
  const passed = scratch.key();
  if (!(await oneOfTwoWins((body) => scratch.put(passed, condition, body)))) return false;
  return await always(async () => {
    const created = scratch.key();
    return await oneWins(among(() => scratch.put(created, condition)));
  });
}

async function keepsCompareAndSwap(scratch: Scratch): Promise<boolean> {
  const { objectHeaders } = scratch.connection;
  const { key } = await scratch.object();
  const matching = (etag: string): Record<string, string> => ({
    "if-match": objectHeaders.writtenEtag(etag),
  });
  if ((await outcomeOf(() => scratch.put(key, matching(wrongEtag)))) !== "refused") return false;
  const { key: passed, etag: first } = await scratch.object();
  if (!(await oneOfTwoWins((body) => scratch.put(passed, matching(first), body)))) return false;
  return await always(async () => {
    const { key: swapped, etag } = await scratch.object();
    return await oneWins(among(() => scratch.put(swapped, matching(etag))));
  });
}

async function keepsConditionsOfParts(scratch: Scratch): Promise<boolean> {
  const { objectHeaders } = scratch.connection;
  const { key } = await scratch.object();
  const create = await scratch.upload(key);
  if ((await outcomeOf(() => create({ IfNoneMatch: "*" }))) !== "refused") return false;
  const swap = await scratch.upload(key);
  if ((await outcomeOf(() => swap({ IfMatch: objectHeaders.writtenEtag(wrongEtag) }))) !== "refused")
    return false;
  return await always(async () => {
    const created = scratch.key();
    const uploads = await Promise.all(among(created).map((key) => scratch.upload(key)));
    return await oneWins(uploads.map((complete) => () => complete({ IfNoneMatch: "*" })));
  });
}

/** Held against a swap of the same etag: of both, one may get through. */
async function keepsConditionalDelete(scratch: Scratch): Promise<boolean> {
  const { objectHeaders } = scratch.connection;
  const removing = (Key: string, etag: string): Promise<unknown> =>
    scratch.connection.send(
      (sdk, target) =>
        new sdk.DeleteObjectCommand({ ...target, Key, IfMatch: objectHeaders.writtenEtag(etag) }),
      scratch.signal,
    );
  const { key } = await scratch.object();
  if ((await outcomeOf(() => removing(key, wrongEtag))) !== "refused") return false;
  return await always(async () => {
    const { key: contested, etag } = await scratch.object();
    const swap = (): Promise<unknown> =>
      scratch.put(contested, { "if-match": objectHeaders.writtenEtag(etag) });
    return await oneWins([swap, () => removing(contested, etag)]);
  });
}

async function keepsCopyIfMatch(scratch: Scratch): Promise<boolean> {
  const { key, etag } = await scratch.object();
  const target = scratch.key();
  if ((await outcomeOf(() => copying(scratch, key, target, { CopySourceIfMatch: wrongEtag }))) !== "refused")
    return false;
  return (await outcomeOf(() => copying(scratch, key, target, { CopySourceIfMatch: etag }))) === "done";
}

async function keepsCopyCreateOnly(scratch: Scratch): Promise<boolean> {
  const { key } = await scratch.object();
  const { key: taken } = await scratch.object();
  if ((await outcomeOf(() => copying(scratch, key, taken, { IfNoneMatch: "*" }))) !== "refused") return false;
  return await always(async () => {
    const created = scratch.key();
    return await oneWins(among(() => copying(scratch, key, created, { IfNoneMatch: "*" })));
  });
}

function copying(
  { connection, signal }: Scratch,
  source: string,
  target: string,
  conditions: { readonly CopySourceIfMatch?: string; readonly IfNoneMatch?: string },
): Promise<unknown> {
  return connection.send(
    (sdk, to) =>
      new sdk.CopyObjectCommand({
        ...to,
        ...conditions,
        Key: target,
        CopySource: `${to.Bucket}/${encodeKey(source)}`,
      }),
    signal,
  );
}

async function deletesBatches(scratch: Scratch): Promise<boolean> {
  const { key } = await scratch.object();
  return (await outcomeOf(() => removeObjects(scratch.connection, [key], scratch.call))) === "done";
}

/** One that is too large has to be refused, and one that is not to be taken. */
async function takesForms(scratch: Scratch): Promise<boolean> {
  const { connection, signal } = scratch;
  const signing = await connection.signing();
  const expiry = expiryOf(signing.credentials, connection.now(), 60);
  const send = async (body: string): Promise<boolean> => {
    const { url, fields = {} } = formOf(connection, signing, expiry, scratch.key(), {
      attributes: plainAttributes,
      minBytes: 1,
      maxBytes: 5,
    });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", new Blob([body]));
    const answer = await fetch(url, { method: "POST", body: form, signal });
    await answer.arrayBuffer();
    return answer.ok;
  };
  return (await send("small")) && !(await send("too large"));
}

/** One whose body has another checksum has to be refused, and one that has it to be taken. */
async function checksUploads(scratch: Scratch): Promise<boolean> {
  const body = new TextEncoder().encode("checked");
  const put = (checksum: string): Promise<Verdict> =>
    outcomeOf(() => scratch.put(scratch.key(), { "x-amz-checksum-sha256": checksum }, body));
  const right = createHash("sha256").update(body).digest("base64");
  const wrong = createHash("sha256").update("another").digest("base64");
  return (await put(right)) === "done" && (await put(wrong)) !== "done";
}

async function keepsUnderscores(scratch: Scratch): Promise<boolean> {
  const key = scratch.key();
  const objectHeaders = new ObjectHeaders({ underscores: true, quotedEtags: false, decodesMetadata: false });
  const metadata = { with_one: "x" };
  await scratch.put(key, objectHeaders.headersOf({ ...plainAttributes, metadata }));
  return Object.hasOwn((await scratch.head(key)).metadata, "with_one");
}

async function keyBesidePrefix(scratch: Scratch): Promise<S3Features["keyAndPrefix"]> {
  const { key } = await scratch.object();
  const below = scratch.key(key);
  if ((await outcomeOf(() => scratch.put(below))) !== "done") return "refused";
  const { Contents = [] } = await scratch.connection.send(
    (sdk, target) => new sdk.ListObjectsV2Command({ ...target, Prefix: key }),
    scratch.signal,
  );
  return Contents.some(({ Key }) => Key === below) ? "kept" : "hidden";
}

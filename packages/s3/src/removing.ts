import type { DeleteObjectsCommand } from "@aws-sdk/client-s3";
import { type Call, type RemoveCall, StorageError } from "@storage/core";
import { nodeCrypto } from "./builtins.ts";
import type { Connection } from "./connection.ts";
import { S3Failure, unlikeS3 } from "./failure.ts";
import { presenceOf } from "./reading.ts";

/**
 * DELETE answers the same whether there was an object or not: a HEAD before it tells, where it may. It is not asked
 * again where the reply to the DELETE was lost: it would not find what we removed.
 */
export async function removeObject(connection: Connection, key: string, call: RemoveCall): Promise<boolean> {
  const found = await call.attempt((signal) => presenceOf(connection, key, { ...call, signal }));
  if (found === "missing") return false;
  const IfMatch = call.ifMatch && connection.objectHeaders.writtenEtag(call.ifMatch);
  let tries = 0;
  try {
    await call.attempt((signal) => {
      tries++;
      return connection.send(
        (sdk, target) => new sdk.DeleteObjectCommand({ ...target, Key: key, IfMatch }),
        signal,
      );
    });
    return true;
  } catch (cause) {
    // versitygw tells that the object has gone since the HEAD, be it by an earlier try of ours.
    if (StorageError.is(cause, "FileNotFound")) return tries > 1;
    throw cause;
  }
}

/** What a service says of a key that it was too busy for. */
const passing = /^(InternalError|SlowDown|ServiceUnavailable|RequestTimeout)$/;

/** In one request. @returns the causes of those that failed. */
export async function removeObjects(
  connection: Connection,
  keys: readonly string[],
  call: Call,
): Promise<ReadonlyMap<string, unknown>> {
  const { Deleted = [], Errors = [] } = await connection.send((sdk, target, { service }) => {
    // A quiet answer to say that all went well cannot be told from one that says nothing.
    const Delete = { Objects: keys.map((Key) => ({ Key })) };
    const command = new sdk.DeleteObjectsCommand({ ...target, Delete });
    return service.checksums ? command : withContentMd5(command);
  }, call.signal);
  const told = new Set([...Deleted, ...Errors].map(({ Key }) => Key));
  if (keys.some((key) => !told.has(key))) throw unlikeS3("word of some key");
  const failures = Errors.filter(({ Code }) => Code !== "NoSuchKey");
  const [first] = failures;
  // The whole batch is sent again where that may help: what is gone stays gone.
  if (first && failures.every(({ Code = "" }) => passing.test(Code)))
    throw new S3Failure(503, first.Code ?? "", { message: first.Message });
  return new Map(failures.map(({ Key = "", Code, Message }) => [Key, failureOfKey(Code, Message)]));
}

/**
 * DeleteObjects wants a checksum, and SDKs since 3.729 send a CRC32 that B2 and Spaces refuse or do not
 * count (docs/providers.md). Content-MD5 is what every service has taken from the beginning.
 */
function withContentMd5(command: DeleteObjectsCommand): DeleteObjectsCommand {
  command.middlewareStack.add(
    (next) => async (args) => {
      const { request } = args;
      if (isRequest(request)) {
        for (const name of Object.keys(request.headers))
          if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete request.headers[name];
        request.headers["content-md5"] = nodeCrypto().createHash("md5").update(request.body).digest("base64");
      }
      return await next(args);
    },
    { step: "build", priority: "low", name: "contentMd5" },
  );
  return command;
}

function isRequest(request: unknown): request is { headers: Record<string, string>; readonly body: string } {
  const { headers, body } = Object(request);
  return typeof headers === "object" && typeof body === "string";
}

/** As the service would have answered a single delete: `classify` looks at code and status. */
function failureOfKey(code: string = "InternalError", message: string = code): S3Failure {
  return new S3Failure(code === "InternalError" ? 500 : 400, code, { message });
}

import type { Call, RemoveCall } from "@storage/core";
import type { Connection } from "./connection.ts";
import { factsOfFailure } from "./failure.ts";
import { headObject } from "./reading.ts";

/** DELETE answers the same whether there was an object or not: a HEAD before it tells, where it may. */
export async function removeObject(
  connection: Connection,
  bucket: string,
  key: string,
  call: RemoveCall,
): Promise<boolean> {
  if (!(await mayBeThere(connection, key, call))) return false;
  const input = { Bucket: bucket, Key: key, IfMatch: call.ifMatch };
  await connection.send((sdk, client) =>
    client.send(new sdk.DeleteObjectCommand(input), { abortSignal: call.signal }),
  );
  return true;
}

async function mayBeThere(connection: Connection, key: string, call: Call): Promise<boolean> {
  try {
    await headObject(connection, key, call);
    return true;
  } catch (cause) {
    const { status } = factsOfFailure(cause);
    if (status === 403) return true;
    if (status === 404) return false;
    throw cause;
  }
}

/** In one request. @returns the causes of those that failed. */
export async function removeObjects(
  connection: Connection,
  bucket: string,
  keys: readonly string[],
  call: Call,
): Promise<ReadonlyMap<string, unknown>> {
  const input = { Bucket: bucket, Delete: { Quiet: true, Objects: keys.map((Key) => ({ Key })) } };
  const { Errors = [] } = await connection.send((sdk, client) =>
    client.send(new sdk.DeleteObjectsCommand(input), { abortSignal: call.signal }),
  );
  const failures = Errors.filter(({ Code }) => Code !== "NoSuchKey");
  return new Map(failures.map(({ Key = "", Code, Message }) => [Key, keyFailure(Code, Message)]));
}

/** As the service would have answered a single delete: `classify` looks at code and status. */
function keyFailure(code: string = "InternalError", message: string = code): Error {
  return Object.assign(new Error(message), { name: code, $metadata: { httpStatusCode: 400 } });
}

import type { CreateMultipartUploadCommandInput } from "@aws-sdk/client-s3";
import type { Connection } from "./connection.ts";
import { factsOfFailure, unlikeS3 } from "./failure.ts";

/** Milliseconds that the answer to a request may still take after an abort: core waits for a little longer. */
const hearing = 1500;

/** An upload whose id nobody heard could not be aborted. */
async function heardOut<Answer>(
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  signal.throwIfAborted();
  const controller = new AbortController();
  let clock: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    clock = setTimeout(() => controller.abort(signal.reason), hearing);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(clock);
    signal.removeEventListener("abort", onAbort);
  }
}

/** @returns the id of the upload, also where the call was aborted meanwhile: somebody has to end it. */
export async function beginUpload(
  connection: Connection,
  input: Omit<CreateMultipartUploadCommandInput, "Bucket">,
  signal: AbortSignal,
): Promise<string> {
  const { UploadId } = await heardOut(signal, (patient) =>
    connection.send((sdk, target) => new sdk.CreateMultipartUploadCommand({ ...target, ...input }), patient),
  );
  if (UploadId === undefined) throw unlikeS3("id of the upload");
  return UploadId;
}

/** Whether it was there still. */
export async function abortUpload(
  connection: Connection,
  Key: string,
  UploadId: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await connection.send(
      (sdk, target) => new sdk.AbortMultipartUploadCommand({ ...target, Key, UploadId }),
      signal,
    );
    return true;
  } catch (cause) {
    if (factsOfFailure(cause).code === "NoSuchUpload") return false;
    throw cause;
  }
}

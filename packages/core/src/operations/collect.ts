import { report } from "../metered-stream.ts";
import type { OnProgress } from "../operation-options.ts";
import type { Body, Bytes } from "../storage-driver.ts";
import { IntegrityError } from "../storage-errors.ts";

/** All of a body whose length is known, in one piece. @throws IntegrityError for another length. */
export async function collect(body: Body, length: number, onProgress?: OnProgress): Promise<Bytes> {
  if (body.bytes !== undefined) {
    if (body.bytes.length !== length) throw otherLength(length);
    report(onProgress, length, length);
    return body.bytes;
  }
  const whole = new Uint8Array(length);
  let loaded = 0;
  for await (const chunk of body.stream) {
    if (loaded + chunk.length > length) throw otherLength(length);
    whole.set(chunk, loaded);
    loaded += chunk.length;
    report(onProgress, loaded, length);
  }
  if (loaded !== length) throw otherLength(length);
  return whole;
}

function otherLength(length: number): IntegrityError {
  return new IntegrityError(`the body has another length than the ${length} bytes that were announced`);
}

import { metadataOf } from "../attributes.ts";
import type { Context, Subject } from "../context.ts";
import { OpenedObject } from "../opened-object.ts";
import type { GetOptions } from "../operation-options.ts";
import type { StoredObject } from "../storage-backend.ts";
import { bodyLength, checkReading, read } from "./read.ts";

/** As `context.run`, save that the operation goes on until the body was read or dropped. */
export async function open(context: Context, key: string, options: GetOptions): Promise<StoredObject> {
  const subject: Subject = { operation: "open", key };
  const operation = context.start(subject);
  try {
    const request = checkReading(context, key, options);
    operation.begin(options.signal);
    const result = await read(context.driver, key, request, operation, options.maxBytes);
    return new OpenedObject(metadataOf(key, result.facts), result.range, {
      body: result.body,
      length: bodyLength(result),
      onProgress: options.onProgress,
      dressed: (error) => context.dressed(error, subject),
      end: () => context.end(operation),
    });
  } catch (error) {
    context.end(operation);
    throw context.dressed(error, subject);
  }
}

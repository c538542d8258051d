import { metadataOf } from "../attributes.ts";
import type { Context } from "../context.ts";
import { OpenedObject } from "../opened-object.ts";
import type { GetOptions } from "../operation-options.ts";
import type { StoredObject } from "../storage-backend.ts";
import { readWith } from "./read.ts";

/** Its operation goes on until the body was read or dropped. */
export function open(context: Context, key: string, options: GetOptions): Promise<StoredObject> {
  const subject = { operation: "open", key };
  return readWith(
    context,
    subject,
    options,
    (result) => new OpenedObject(metadataOf(key, result.facts, result.facts), result),
  );
}

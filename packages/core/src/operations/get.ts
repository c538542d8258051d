import type { Context } from "../context.ts";
import type { GetOptions } from "../operation-options.ts";
import type { Bytes } from "../storage-driver.ts";
import { bytesOfBody, readWith } from "./read.ts";

export function get(context: Context, key: string, options: GetOptions): Promise<Bytes> {
  const subject = { operation: "get", key };
  return readWith(context, subject, options, (result) => result.body.bytes ?? bytesOfBody(result));
}

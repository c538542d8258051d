import type { Context } from "../context.ts";
import type { GetOptions } from "../operation-options.ts";
import type { Bytes } from "../storage-driver.ts";
import { collect } from "./collect.ts";
import { bodyLength, checkReading, read } from "./read.ts";

export function get(context: Context, key: string, options: GetOptions): Promise<Bytes> {
  return context.run({ operation: "get", key }, async (operation) => {
    const request = checkReading(context, key, options);
    operation.begin(options.signal);
    const result = await read(context.driver, key, request, operation, options.maxBytes);
    return await collect(result.body, bodyLength(result), options.onProgress);
  });
}

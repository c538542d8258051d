import { checkRead, unquoted } from "../conditions.ts";
import type { Context, Subject } from "../context.ts";
import { otherLength, type WatchedBody } from "../held-body.ts";
import type { Operation } from "../operation.ts";
import type { GetOptions } from "../operation-options.ts";
import { checkRange, isEmptyRange, resolveRange } from "../ranges.ts";
import { report } from "../source.ts";
import type { Bytes, RangeRequest, ReadResult } from "../storage-driver.ts";
import { TooLargeError } from "../storage-errors.ts";

/** A result whose body is as long as it says. */
export interface WholeRead extends ReadResult {
  readonly body: WatchedBody;
  readonly length: number;
}

/** What `get` and `open` do alike, up to the body. */
export function readWith<T>(
  context: Context,
  subject: Subject & { readonly key: string },
  options: GetOptions,
  finish: (result: WholeRead) => T | Promise<T>,
): Promise<T> {
  return context.run(subject, options, (operation) => {
    const { onProgress, maxBytes } = options;
    const range = options.range && checkRange(options.range);
    return async () => {
      const result = await read(operation, subject.key, range, options);
      const length = lengthOf(result);
      if (length > (maxBytes ?? length)) throw new TooLargeError(`the body has more than ${maxBytes} bytes`);
      const dressed = (error: unknown): unknown => context.dressed(error, subject);
      const body = context.hold(operation, result.body, { length, onProgress, dressed });
      if (body.bytes) {
        if (body.bytes.length !== length) throw otherLength();
        report(onProgress, length, length);
      }
      return finish({ ...result, body, length });
    };
  });
}

function lengthOf({ facts, range }: ReadResult): number {
  return range ? range.end - range.start : facts.size;
}

function read(
  operation: Operation,
  key: string,
  range: RangeRequest | undefined,
  options: GetOptions,
): Promise<ReadResult> {
  const conditions = { ifMatch: unquoted(options.ifMatch), ifNoneMatch: unquoted(options.ifNoneMatch) };
  if (!range || !isEmptyRange(range)) return operation.run("read", [key], { range, ...conditions });
  // No header of HTTP can ask for nothing, so that a head answers.
  return operation.run("head", [key], {}).then((facts) => {
    checkRead(facts, conditions);
    return { facts, range: resolveRange(range, facts.size), body: { bytes: new Uint8Array() } };
  });
}

/** All of a body, in one piece. */
export async function bytesOfBody({ body, length }: WholeRead): Promise<Bytes> {
  if (body.bytes) return body.bytes;
  const whole = new Uint8Array(length);
  let offset = 0;
  for await (const chunk of body.stream) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

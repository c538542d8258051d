import type { LocalBackend } from "@storage/local";

/** A body that says whose it is in every line, with a type and metadata that say the same. */
export interface Marked {
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly metadata: { readonly mark: string; readonly size: string };
}

const line = 16;

export function marked(mark: string, size: number): Marked {
  const body = Buffer.alloc(size, `${mark.padEnd(line - 1)}\n`);
  return { body, contentType: `text/x-${mark}`, metadata: { mark, size: String(size) } };
}

export type Verdict = "whole" | "torn" | "mixed";

/** Torn: the body is not one write's. Mixed: its attributes are another write's. */
export async function verdictOf(store: LocalBackend, key: string): Promise<Verdict> {
  await using object = await store.open(key);
  const { contentType, metadata, size } = object;
  const body = Buffer.from(await object.bytes());
  const mark = body
    .subarray(0, line - 1)
    .toString()
    .trim();
  if (body.length !== size || !body.equals(marked(mark, size).body)) return "torn";
  const isWhole =
    metadata.mark === mark && metadata.size === String(size) && contentType === `text/x-${mark}`;
  return isWhole ? "whole" : "mixed";
}

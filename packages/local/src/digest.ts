import { createHash } from "node:crypto";

/** Hex of a text, short enough for the name of a file. */
export function digestOf(text: string, length = 40): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

import { readFileSync } from "node:fs";

/** Not as a module: bundlers refuse JSON that holds half of a surrogate pair. */
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./conformance/${name}.json`, import.meta.url), "utf8"));

export const keys = read("keys") as {
  readonly legal: readonly string[];
  readonly legalAlone: readonly string[];
  readonly refused: readonly string[];
};

export const fixtures = read("fixtures") as {
  readonly metadata: {
    readonly goCloud_weird_keyEqualsValue: readonly string[];
    readonly proposed_values: readonly string[];
    readonly proposed_rejectValues: readonly string[];
    readonly proposed_keys: readonly string[];
    readonly proposed_rejectKeys: readonly string[];
  };
  readonly filenames: Readonly<Record<string, readonly string[]>>;
  readonly listFixtures: Readonly<Record<string, readonly (string | null)[]>>;
};

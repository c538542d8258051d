import { InvalidArgumentError } from "./storage-errors.ts";

/** Throws InvalidArgumentError, or says what the option has to be; true where the value is good. */
type Check = (value: unknown) => true | string;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
const or = (good: boolean, expected: string): true | string => good || expected;

const text: Check = (value) => or(typeof value === "string", "is a string");
const flag: Check = (value) => or(typeof value === "boolean", "is true or false");
const callback: Check = (value) => or(typeof value === "function", "is a function");
const pairs: Check = (value) => or(isObject(value) && !Array.isArray(value), "is an object");
const count: Check = (value) =>
  or(Number.isSafeInteger(value) && Number(value) >= 0, "is a whole number, 0 or more");
const seconds: Check = (value) =>
  or(
    Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= 604_800,
    "is whole seconds, 1 to 604800",
  );
const star: Check = (value) => or(value === "*", 'is "*" or left out');
const etag: Check = (value) =>
  or(typeof value === "string" && value !== "" && value !== "*", "is the etag of an object");
const signal: Check = (value) =>
  or(
    isObject(value) && typeof value.aborted === "boolean" && "addEventListener" in value,
    "is an AbortSignal",
  );
const sha256: Check = (value) =>
  or(isObject(value) && /^[0-9a-f]{64}$/i.test(String(value.sha256)), "is { sha256 }: 64 hexadecimal digits");
const uploadMethod: Check = (value) => or(value === "PUT" || value === "POST", 'is "PUT" or "POST"');

type Checks = Readonly<Record<string, Check>>;

const attributes: Checks = {
  contentType: text,
  metadata: pairs,
  cacheControl: text,
  contentDisposition: text,
  contentEncoding: text,
};

const list: Checks = { signal, prefix: text, startAfter: text, limit: count };

export type CheckedMethod =
  | "operation"
  | "put"
  | "get"
  | "delete"
  | "copy"
  | "replace"
  | "listKeys"
  | "list"
  | "listPage"
  | "getUrl"
  | "getUploadUrl"
  | "sweep"
  | "close"
  | "transfer";

/** The options of every method, by its name; `replace` is copy's. */
const optionsOf: Readonly<Record<CheckedMethod, Checks>> = {
  operation: { signal },
  put: {
    ...attributes,
    signal,
    size: count,
    maxBytes: count,
    ifNoneMatch: star,
    ifMatch: etag,
    checksum: sha256,
    onProgress: callback,
  },
  get: { signal, range: pairs, ifMatch: etag, ifNoneMatch: etag, maxBytes: count, onProgress: callback },
  delete: { signal, ifMatch: etag },
  copy: { signal, ifMatch: etag, ifNoneMatch: star, replace: pairs },
  replace: attributes,
  listKeys: { signal, prefix: text, limit: count },
  list,
  listPage: {
    ...list,
    delimiter: (value) => or(typeof value === "string" && value !== "", "is at least one character"),
    cursor: text,
  },
  getUrl: {
    signal,
    expiresIn: seconds,
    download: (value) =>
      or(typeof value === "string" || typeof value === "boolean", "is a boolean or a file name"),
    contentType: text,
    cacheControl: text,
    mustExist: flag,
  },
  getUploadUrl: {
    signal,
    method: uploadMethod,
    expiresIn: seconds,
    contentType: text,
    size: count,
    minBytes: count,
    maxBytes: count,
    metadata: pairs,
    ifNoneMatch: star,
    checksum: sha256,
    parts: flag,
  },
  sweep: { signal, olderThan: count },
  close: { timeout: count },
  transfer: {
    signal,
    prefix: text,
    concurrency: (value) =>
      or(Number.isSafeInteger(value) && Number(value) >= 1, "is a whole number, 1 or more"),
    resume: flag,
    verify: flag,
    dryRun: flag,
    onProgress: callback,
  },
};

/** Methods whose options have room for the namespaces of providers. */
const withNamespaces = new Set<CheckedMethod>(["put", "getUrl"]);

/**
 * Refuses unknown options and values of the wrong type. An object under a name that resembles no
 * option is another provider's namespace, and is passed over, so that code stays portable.
 *
 * @throws InvalidArgumentError that names the option, and the nearest one for an unknown name.
 */
export function checkOptions(method: CheckedMethod, options: object): void {
  if (!isObject(options)) throw new InvalidArgumentError("the options are one object");
  const checks = optionsOf[method];
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) refuseUnknown(name, value, method);
    else {
      const verdict = check(value);
      if (verdict !== true) throw new InvalidArgumentError(`${name} ${verdict}`);
    }
  }
}

function refuseUnknown(name: string, value: unknown, method: CheckedMethod): void {
  const nearest = nearestName(name, Object.keys(optionsOf[method]));
  if (nearest === undefined && isObject(value) && withNamespaces.has(method)) return;
  const advice = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  throw new InvalidArgumentError(`unknown option ${JSON.stringify(name)}${advice}`);
}

/** The name that a mistyped one most likely stands for: at most a third of its letters differ. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((candidate) => ({
    candidate,
    distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
  }));
  const best = distances.sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= Math.max(1, best.candidate.length / 3)
    ? best.candidate
    : undefined;
}

/** Levenshtein's, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...b].entries()) {
      const replace = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replace, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

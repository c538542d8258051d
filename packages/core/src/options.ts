import type { Capabilities } from "./capabilities.ts";
import { quoted, type StorageError } from "./storage-error.ts";
import { ConfigurationError, InvalidArgumentError, NotSupportedError } from "./storage-errors.ts";

/** An option: whether a value is good, what it has to be, and the capability that it takes. */
type Option = readonly [
  good: (value: unknown) => boolean,
  expected: string,
  capability?: keyof Capabilities | undefined,
];
type Options = Readonly<Record<string, Option>>;

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isA =
  (...types: readonly string[]) =>
  (value: unknown): boolean =>
    types.includes(typeof value);
const whole = (least: number, most: number = Number.MAX_SAFE_INTEGER): Option => [
  (value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
  `a whole number, ${least} ${most > 1e9 ? "or more" : `to ${most}`}`,
];
const oneOf = (...values: readonly string[]): Option => [
  (value) => values.includes(value as string),
  values.join(" or "),
];
const taking = ([good, expected]: Option, capability: keyof Capabilities): Option => [
  good,
  expected,
  capability,
];

const text: Option = [isA("string"), "a string"];
const flag: Option = [isA("boolean"), "true or false"];
const callback: Option = [isA("function"), "a function"];
const pairs: Option = [isObject, "an object"];
const count = whole(0);
const positive = whole(1);
const seconds = whole(1, 604_800);
const duration: Option = [(value) => isA("number")(value) && Number(value) >= 0, "milliseconds, 0 or more"];
const star = oneOf("*");
const etag: Option = [(value) => isA("string")(value) && value !== "" && value !== "*", "an object's etag"];
const signal: Option = [
  (value) => isObject(value) && "aborted" in value && "addEventListener" in value,
  "an AbortSignal",
];
const checksum: Option = [
  (value) => isObject(value) && "sha256" in value && /^[0-9a-f]{64}$/i.test(String(value.sha256)),
  "{ sha256 } of 64 hexadecimal digits",
];

const typed: Options = {
  contentType: taking(text, "contentType"),
  metadata: taking(pairs, "userMetadata"),
};
const attributes: Options = {
  ...typed,
  cacheControl: taking(text, "cacheControl"),
  contentDisposition: taking(text, "contentDisposition"),
  contentEncoding: taking(text, "contentEncoding"),
};
const createOnly = taking(star, "createOnly");
const listKeys: Options = { signal, prefix: text, limit: count };
const list: Options = { ...listKeys, startAfter: text };
const upload: Options = { signal, ifNoneMatch: createOnly, size: count, maxBytes: count, checksum };
const copy: Options = {
  signal,
  ifMatch: taking(etag, "copyIfMatch"),
  ifNoneMatch: taking(star, "copyCreateOnly"),
  replace: pairs,
};
const link: Options = { signal, expiresIn: seconds, contentType: text };

const get: Options = {
  signal,
  range: taking(pairs, "rangeReads"),
  ifMatch: etag,
  ifNoneMatch: etag,
  maxBytes: count,
  onProgress: callback,
};

/** The options of every method that has more than a signal, and, with a dot, of what lies inside of some. */
const tables: Readonly<Record<string, Options>> = {
  put: { ...attributes, ...upload, ifMatch: taking(etag, "compareAndSwap"), onProgress: callback },
  get,
  open: get,
  "range.": { start: count, end: count, suffix: count },
  delete: { signal, ifMatch: taking(etag, "conditionalDelete") },
  copy,
  move: copy,
  "replace.": attributes,
  listKeys,
  list,
  listPage: {
    ...list,
    delimiter: [(value) => isA("string")(value) && value !== "", "at least one character", "delimiter"],
    cursor: text,
  },
  getUrl: {
    ...link,
    download: [isA("boolean", "string"), "a boolean or a file name"],
    cacheControl: text,
    mustExist: flag,
  },
  getUploadUrl: {
    ...upload,
    ...link,
    ...typed,
    method: oneOf("PUT", "POST"),
    minBytes: count,
    parts: taking(flag, "uploadParts"),
  },
  sweep: { signal, olderThan: count },
  close: { timeout: count },
  transfer: {
    signal,
    prefix: text,
    concurrency: positive,
    resume: flag,
    verify: flag,
    dryRun: flag,
    onProgress: callback,
  },
  backend: {
    maxAttempts: positive,
    maxConcurrency: positive,
    urlExpiresIn: seconds,
    timeouts: pairs,
    onEvent: callback,
  },
  "timeouts.": { connect: duration, headers: duration, idle: duration },
};

const tableOf = (method: string): Options => tables[method] ?? { signal };

/** Whether a method goes by a prefix instead of a key. */
export const takesPrefix = (method: string): boolean => "prefix" in tableOf(method);

/**
 * Refuses unknown options and values of the wrong type. Of put and getUrl, an object under a name that
 * resembles no option is another provider's namespace, and is passed over, so that code stays portable.
 *
 * @throws InvalidArgumentError that names the option, and the nearest one for an unknown name.
 */
export function checkOptions(
  method: string,
  options: object,
  Failure: typeof StorageError = InvalidArgumentError,
): void {
  if (!isObject(options)) throw new Failure("the options are one object");
  for (const [name, value] of Object.entries(options))
    if (value !== undefined) checkOption(method, name, value, Failure);
}

function checkOption(method: string, name: string, value: unknown, Failure: typeof StorageError): void {
  const table = tableOf(method);
  const [isGood, expected] = (Object.hasOwn(table, name) && table[name]) || [];
  if (isGood?.(value)) return;
  const path = method.endsWith(".") ? method + name : name;
  if (expected !== undefined) throw new Failure(`${path} is ${expected}`);
  const nearest = nearestName(name, Object.keys(table));
  const isNamespace = nearest === undefined && isObject(value) && /^(put|getUrl)$/.test(method);
  if (!isNamespace) throw unknown(Failure, path, nearest);
}

/** @throws NotSupportedError for an option that the backend cannot honour. */
export function checkSupported(method: string, options: object, capabilities: Capabilities): void {
  for (const [name, value] of Object.entries(options)) {
    const capability = tableOf(method)[name]?.[2];
    if (capability === undefined || capabilities[capability]) continue;
    const asksForNothing =
      value === undefined || value === false || (isObject(value) && !Object.keys(value)[0]);
    if (!asksForNothing) {
      throw new NotSupportedError(`${name} cannot be honoured here: the capability ${capability} is false`);
    }
  }
}

/** @throws ConfigurationError for a value that makes no sense; the other names are the provider's. */
export function checkBackendOptions(options: object): void {
  const own = Object.entries(options).filter(([name]) => Object.hasOwn(tableOf("backend"), name));
  const { timeouts = {}, ...others } = Object.fromEntries(own);
  checkOptions("backend", { ...others, timeouts }, ConfigurationError);
  checkOptions("timeouts.", timeouts, ConfigurationError);
}

/**
 * For the constructor of a provider: refuses options that it does not know.
 *
 * @throws ConfigurationError that names the option, and the nearest one.
 */
export function checkOptionNames(options: object, own: readonly string[]): void {
  const known = [...Object.keys(tableOf("backend")), ...own];
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || known.includes(name)) continue;
    throw unknown(ConfigurationError, name, nearestName(name, known), `; known are ${known.join(", ")}`);
  }
}

function unknown(
  Failure: typeof StorageError,
  name: string,
  nearest: string | undefined,
  otherwise: string = "",
): StorageError {
  return new Failure(`unknown option ${quoted(name)}${nearest ? `; did you mean ${nearest}?` : otherwise}`);
}

/** The name that a mistyped one most likely stands for: at most a third of its letters differ. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const distance = (candidate: string): number => editDistance(name.toLowerCase(), candidate.toLowerCase());
  const best = known.toSorted((a, b) => distance(a) - distance(b))[0] ?? "";
  return distance(best) <= Math.max(1, best.length / 3) ? best : undefined;
}

/** Levenshtein's, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (const [column, above] of row.slice(1).entries()) {
      const replaced = (row[column] ?? 0) + Number(letter !== b[column]);
      next.push(Math.min(replaced, above + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

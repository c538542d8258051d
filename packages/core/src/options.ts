import type { Capabilities } from "./capabilities.ts";
import { quoted, type StorageError } from "./storage-error.ts";
import { ConfigurationError, InvalidArgumentError, NotSupportedError } from "./storage-errors.ts";

/** What a bad option is told with. */
type ErrorClass = new (reason: string) => StorageError;
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isFlag: Check = (value) => typeof value === "boolean";
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isWhole =
  (least: number, most: number = Number.MAX_SAFE_INTEGER): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;

/** What an option has to be; it means the same in every method that has it. */
const kinds: readonly (readonly [names: string, isGood: Check])[] = [
  ["ifMatch get.ifNoneMatch", (value) => isText(value) && value !== "" && value !== "*"],
  ["delimiter", (value) => isText(value) && value !== ""],
  ["ifNoneMatch", (value) => value === "*"],
  ["size minBytes maxBytes limit olderThan timeout start end suffix connect headers idle", isWhole(0)],
  ["maxAttempts maxConcurrency concurrency", isWhole(1)],
  ["expiresIn urlExpiresIn", isWhole(1, 604_800)],
  ["mustExist parts resume verify dryRun", isFlag],
  ["download", (value) => isText(value) || isFlag(value)],
  ["metadata range replace timeouts", isObject],
  ["onProgress onEvent", (value) => typeof value === "function"],
  ["method", (value) => value === "PUT" || value === "POST"],
  ["signal", (value) => isObject(value) && "onabort" in value],
  ["checksum", (value) => /^[0-9a-f]{64}$/i.test(Object(value).sha256)],
];

const attributes = "contentType metadata cacheControl contentDisposition contentEncoding";
const list = "signal prefix limit startAfter";

/** The options of every method that has more than a signal, and, with a dot, of what lies inside of some. */
const names: Readonly<Record<string, string>> = {
  put: `signal ${attributes} size maxBytes ifNoneMatch ifMatch checksum onProgress`,
  get: "signal range ifMatch ifNoneMatch maxBytes onProgress",
  "range.": "start end suffix",
  delete: "signal ifMatch",
  copy: "signal ifMatch ifNoneMatch replace",
  "replace.": attributes,
  listKeys: "signal prefix limit",
  list,
  listPage: `${list} delimiter cursor`,
  getUrl: "signal expiresIn download contentType cacheControl mustExist",
  getUploadUrl:
    "signal method expiresIn contentType size minBytes maxBytes metadata ifNoneMatch checksum parts",
  sweep: "signal olderThan",
  close: "timeout",
  transfer: "signal prefix concurrency resume verify dryRun onProgress",
  backend: "maxAttempts maxConcurrency urlExpiresIn timeouts onEvent",
  "timeouts.": "connect headers idle",
};

/** The capability that an option takes, where it has another name. */
const needs: Readonly<Record<string, string>> = {
  metadata: "userMetadata",
  range: "rangeReads",
  parts: "uploadParts",
  ifNoneMatch: "createOnly",
  "get.ifNoneMatch": "",
  "copy.ifNoneMatch": "copyCreateOnly",
  "put.ifMatch": "compareAndSwap",
  "delete.ifMatch": "conditionalDelete",
  "copy.ifMatch": "copyIfMatch",
};

/** Methods whose options are another one's. */
const same: Readonly<Record<string, string>> = { open: "get", move: "copy" };
const tableOf = (method: string): string => same[method] ?? method;
const namesOf = (method: string): readonly string[] => (names[tableOf(method)] ?? "signal").split(" ");

/**
 * Refuses unknown options and values of the wrong type. Of put and getUrl, an object under a name that
 * resembles no option is another provider's namespace, and is passed over, so that code stays portable.
 *
 * @throws InvalidArgumentError that names the option, and the nearest one for an unknown name.
 */
export function checkOptions(
  method: string,
  options: object,
  Failure: ErrorClass = InvalidArgumentError,
): void {
  if (!isObject(options)) throw new Failure("the options are one object");
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const known = namesOf(method);
    if (known.includes(name)) checkValue(method, name, value, Failure);
    else if (nearest(name, known) || !isObject(value) || !/^(put|getUrl)$/.test(method))
      throw unknown(name, known, Failure);
  }
}

function checkValue(method: string, name: string, value: unknown, Failure: ErrorClass): void {
  const kindOf = (it: string) => kinds.find(([those]) => those.split(" ").includes(it));
  // What is in no row is text.
  const [, isGood = isText] = kindOf(`${tableOf(method)}.${name}`) ?? kindOf(name) ?? [];
  if (!isGood(value))
    throw new Failure(`${method.endsWith(".") ? method : ""}${name} cannot be ${quoted(value)}`);
}

/** @throws NotSupportedError for an option that the backend cannot honour. */
export function checkSupported(method: string, options: object, capabilities: Capabilities): void {
  if (method === "getUrl") return;
  for (const [name, value] of Object.entries(options)) {
    const capability = needs[`${tableOf(method)}.${name}`] ?? needs[name] ?? name;
    const asksForNothing = !value || (isObject(value) && !Object.keys(value)[0]);
    if (asksForNothing || Reflect.get(capabilities, capability) !== false) continue;
    throw new NotSupportedError(`${name} is not supported: the capability ${capability} is false`);
  }
}

/** @throws ConfigurationError for a value that makes no sense; the other names are the provider's. */
export function checkBackendOptions(options: object): void {
  const own = Object.entries(options).filter(([name]) => namesOf("backend").includes(name));
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
  const known = [...namesOf("backend"), ...own];
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !known.includes(name)) throw unknown(name, known, ConfigurationError);
  }
}

function unknown(name: string, known: readonly string[], Failure: ErrorClass): StorageError {
  const similar = nearest(name, known);
  return new Failure(
    `unknown option ${quoted(name)}: ${similar ? `did you mean ${similar}?` : `known are ${known}`}`,
  );
}

/** The name that a mistyped one most likely stands for: they share a third of their pairs of letters. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const pairsOf = (text: string): readonly string[] =>
    Array.from(text.toLowerCase(), (letter, at) => letter + text.toLowerCase().charAt(at + 1));
  const pairs = pairsOf(name);
  const likeness = (other: string): number =>
    pairsOf(other).filter((pair) => pairs.includes(pair)).length / Math.max(name.length, other.length);
  const best = known.toSorted((a, b) => likeness(b) - likeness(a))[0] ?? "";
  return likeness(best) > 1 / 3 ? best : undefined;
}

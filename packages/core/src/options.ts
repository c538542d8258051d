import type { Capabilities } from "./capabilities.ts";
import { isPlain } from "./metadata.ts";
import { quoted } from "./storage-error.ts";
import { ConfigurationError, InvalidArgumentError, NotSupportedError } from "./storage-errors.ts";

type Check = (value: unknown) => boolean;

const isText = (value: unknown): value is string => typeof value === "string";
const isFilled = (value: unknown): value is string => isText(value) && value !== "";
const isFlag: Check = (value) => typeof value === "boolean";
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isWhole =
  (least: number, most: number = Number.MAX_SAFE_INTEGER): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;

/** What can stand in an HTTP header as it is (RFC 9110, 5.5). */
const isHeader = (value: unknown): value is string => isFilled(value) && isPlain(value);
/** `type "/" subtype` and parameters (RFC 9110, 8.3.1), as far as that tells a type from what is none. */
const mediaType = /^[^/;,\s]+\/[^/;,\s]+ *(?:;.*)?$/;

/** What an option has to be, by the capability that it takes or else by its name. */
const kinds: readonly (readonly [names: string, isGood: Check, wanted?: string])[] = [
  ["contentType", (value) => isHeader(value) && mediaType.test(value), "a media type such as text/plain"],
  ["contentEncoding", (value) => isHeader(value) && !/(^|,) *(,|$)/.test(value)],
  ["cacheControl contentDisposition", isHeader, "printable ASCII: contentDisposition() encodes names"],
  ["createOnly copyCreateOnly", (value) => value === "*"],
  ["ifMatch ifNoneMatch", (value) => isFilled(value) && value !== "*"],
  ["delimiter", isFilled],
  ["size minBytes maxBytes limit olderThan timeout start end suffix connect headers idle", isWhole(0)],
  ["maxAttempts maxConcurrency concurrency", isWhole(1)],
  ["expiresIn urlExpiresIn", isWhole(1, 604_800)],
  ["mustExist parts resume verify dryRun", isFlag],
  ["download", (value) => isText(value) || isFlag(value)],
  ["metadata range replace timeouts", isObject],
  ["onProgress onEvent", (value) => typeof value === "function"],
  ["method", (value) => value === "PUT" || value === "POST"],
  ["signal", (value) => "onabort" in Object(value)],
  ["checksum", (value) => /^[0-9a-f]{64}$/i.test(Object(value).sha256)],
];

const replace = "contentType metadata=userMetadata cacheControl contentDisposition contentEncoding";
const get = "signal range=rangeReads ifMatch ifNoneMatch maxBytes onProgress";
const copy = "signal ifMatch=copyIfMatch ifNoneMatch=copyCreateOnly replace";
const list = "signal prefix limit startAfter";

/**
 * The options of every method that has more than a signal, of a backend, and of what lies inside of
 * other options; after a `=` the capability that one takes, where it has another name.
 */
const tables: Readonly<Record<string, string>> = {
  put: `signal ${replace} size maxBytes ifNoneMatch=createOnly ifMatch=compareAndSwap checksum onProgress`,
  get,
  open: get,
  range: "start end suffix",
  delete: "signal ifMatch=conditionalDelete",
  copy,
  move: copy,
  replace,
  listKeys: "signal prefix limit",
  list,
  listPage: `${list} delimiter cursor`,
  getUrl: "signal expiresIn download contentType cacheControl mustExist",
  getUploadUrl:
    "signal method expiresIn contentType metadata=userMetadata size minBytes maxBytes " +
    "ifNoneMatch=createOnly checksum parts=uploadParts",
  sweep: "signal olderThan",
  close: "timeout",
  transfer: "signal prefix concurrency resume verify dryRun onProgress",
  backend: "maxAttempts maxConcurrency urlExpiresIn timeouts onEvent",
  timeouts: "connect headers idle",
};

const tablesRead: Record<string, ReadonlyMap<string, string>> = {};

/** From an option's name to the capability that it takes. Each is read once, which takes 2 µs. */
function optionsOf(method: string): ReadonlyMap<string, string> {
  tablesRead[method] ??= new Map(
    (tables[method] ?? "signal").split(" ").map((option) => {
      const [name = "", capability = name] = option.split("=");
      return [name, capability];
    }),
  );
  return tablesRead[method];
}

/**
 * Refuses unknown options and values of the wrong type. Of put and getUrl, an object under a name that
 * resembles no option is another provider's namespace, and is passed over, so that code stays portable.
 *
 * @throws InvalidArgumentError that names the option, and the nearest one for an unknown name.
 */
export function checkOptions(method: string, options: object): void {
  const problem = problemOf(method, options);
  if (problem) throw new InvalidArgumentError(problem);
}

function problemOf(method: string, options: object): string | undefined {
  if (!isObject(options)) return "the options are one object";
  const problems = Object.entries(options).map(([name, value]) => {
    if (value === undefined) return undefined;
    const known = optionsOf(method);
    if (known.has(name)) return valueProblem(name, value, known.get(name));
    const names = [...known.keys()];
    const mayBeForeign = isObject(value) && /^(put|getUrl)$/.test(method) && !nearest(name, names);
    return mayBeForeign || method === "backend" ? undefined : nameProblem(name, names);
  });
  return problems.find(Boolean);
}

function valueProblem(name: string, value: unknown, capability = ""): string | undefined {
  const kindOf = (it: string) => kinds.find(([names]) => names.split(" ").includes(it));
  // What is in no row is text.
  const [, isGood = isText, wanted] = kindOf(capability) ?? kindOf(name) ?? [];
  if (!isGood(value)) return `${name} cannot be ${quoted(value)}${wanted ? `, but ${wanted}` : ""}`;
  return isObject(value) && Object.hasOwn(tables, name) ? problemOf(name, value) : undefined;
}

/** @throws NotSupportedError for an option that the backend cannot honour. */
export function checkSupported(method: string, options: object, capabilities: Capabilities): void {
  // What a link overrides is of the response, and takes nothing of what is stored.
  if (method === "getUrl") return;
  for (const [name, value] of Object.entries(options)) {
    const capability = optionsOf(method).get(name) ?? "";
    const asksForNothing = !value || (isObject(value) && !Object.keys(value)[0]);
    if (!asksForNothing && Reflect.get(capabilities, capability) === false)
      throw new NotSupportedError(`${name} takes the capability ${capability}, which is false`);
    if (name === "replace" && value) checkSupported(name, value, capabilities);
  }
}

/** @throws ConfigurationError for a value that makes no sense; the other names are the provider's. */
export function checkBackendOptions(options: object): void {
  const problem = problemOf("backend", options);
  if (problem) throw new ConfigurationError(problem);
}

/**
 * For the constructor of a provider: refuses options that it does not know.
 *
 * @throws ConfigurationError that names the option, and the nearest one.
 */
export function checkOptionNames(options: object, own: readonly string[]): void {
  checkNames(options, [...optionsOf("backend").keys(), ...own]);
}

/** @throws ConfigurationError that names an option which is none of the known ones, and the nearest of these. */
export function checkNames(options: object, known: readonly string[]): void {
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && !known.includes(name)) throw new ConfigurationError(nameProblem(name, known));
}

function nameProblem(name: string, known: readonly string[]): string {
  const similar = nearest(name, known);
  return `unknown option ${quoted(name)}: ${similar ? `did you mean ${similar}?` : `known are ${known}`}`;
}

/** The name that a mistyped one most likely stands for: they share a third of their pairs of letters. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const given = name.toLowerCase();
  const likeness = (other: string): number => {
    const pairs = Array.from(other.slice(1), (_, at) => other.slice(at, at + 2).toLowerCase());
    return pairs.filter((pair) => given.includes(pair)).length / Math.max(name.length, other.length);
  };
  const alike = known.filter((other) => likeness(other) >= 1 / 3);
  return alike.sort((a, b) => likeness(b) - likeness(a))[0];
}

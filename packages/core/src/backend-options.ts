import type { BackendOptions } from "./attempts.ts";
import { nearestName } from "./option-checks.ts";
import { ConfigurationError } from "./storage-errors.ts";

type Check = readonly [good: (value: unknown) => boolean, expected: string];

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 1;
const count: Check = [isCount, "a whole number, 1 or more"];
const seconds: Check = [(value) => isCount(value) && Number(value) <= 604_800, "whole seconds, 1 to 604800"];
const duration: Check = [(value) => typeof value === "number" && value >= 0, "in milliseconds, 0 or more"];
const callback: Check = [(value) => typeof value === "function", "a function"];

const checks = { maxAttempts: count, maxConcurrency: count, urlExpiresIn: seconds, onEvent: callback };
const timeoutChecks = { connect: duration, headers: duration, idle: duration };

/** @throws ConfigurationError for a value that makes no sense. */
export function checkBackendOptions(options: BackendOptions): void {
  checkValues(options, checks, "");
  checkValues(options.timeouts ?? {}, timeoutChecks, "timeouts.");
}

function checkValues(options: object, checksByName: Readonly<Record<string, Check>>, path: string): void {
  for (const [name, [good, expected]] of Object.entries(checksByName)) {
    const value: unknown = Reflect.get(options, name);
    if (value !== undefined && !good(value)) throw new ConfigurationError(`${path}${name} is ${expected}`);
  }
}

const shared = ["maxAttempts", "maxConcurrency", "urlExpiresIn", "timeouts", "onEvent"];

/**
 * For the constructor of a provider: refuses options that it does not know.
 *
 * @throws ConfigurationError that names the option, and the nearest one.
 */
export function checkOptionNames(options: object, own: readonly string[]): void {
  const known = [...shared, ...own];
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || known.includes(name)) continue;
    const nearest = nearestName(name, known);
    const advice = nearest === undefined ? `known are ${known.join(", ")}` : `did you mean ${nearest}?`;
    throw new ConfigurationError(`unknown option ${JSON.stringify(name)}: ${advice}`);
  }
}

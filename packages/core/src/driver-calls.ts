import type { Call, DriverOperation, StorageDriver } from "./storage-driver.ts";

/** The methods of a driver whose last argument is the call. */
export type CallName =
  | "write"
  | "read"
  | "head"
  | "remove"
  | "list"
  | "removeMany"
  | "copy"
  | "move"
  | "signUpload"
  | "checkHealth"
  | "sweep";

type Method<Name extends CallName> = NonNullable<StorageDriver[Name]>;

/** What a method takes before the call: keys, body, attributes. */
export type Arguments<Name extends CallName> =
  Parameters<Method<Name>> extends [...infer Before, unknown] ? Before : never;
/** What a method's call says beside the signal. */
export type Terms<Name extends CallName> =
  Parameters<Method<Name>> extends [...unknown[], infer Last] ? Omit<Last, keyof Call> : never;
export type Answer<Name extends CallName> = ReturnType<Method<Name>>;

/** Any of these methods, for who treats all of them alike. */
export type AnyMethod = (...args: unknown[]) => Promise<unknown>;

/** The method of a driver, bound; only called where it is there. */
export function methodOf(driver: StorageDriver, name: CallName): AnyMethod {
  return (...args) => (driver[name] as AnyMethod)(...args);
}

/** What an event and `classify` call the method. */
export const operations: Readonly<Record<CallName, DriverOperation>> = {
  write: "write",
  read: "read",
  head: "head",
  remove: "remove",
  list: "list",
  removeMany: "remove",
  copy: "copy",
  move: "copy",
  signUpload: "sign",
  checkHealth: "health",
  sweep: "sweep",
};

/** Every method that is there, wrapped; what is absent stays absent. */
export function wrapMethods(
  driver: StorageDriver,
  wrap: (name: CallName, method: AnyMethod) => AnyMethod,
): Pick<StorageDriver, CallName> {
  const there = (Object.keys(operations) as CallName[]).filter((name) => driver[name]);
  return Object.fromEntries(there.map((name) => [name, wrap(name, methodOf(driver, name))])) as never;
}

import { ConfigurationError } from "@storage/core";

export interface AcceptOptions {
  /** The most bytes that the file may have. An upload without a bound is a mistake, so there is no default. */
  readonly maxBytes: number;
  /**
   * Types that the file may have, by its content: "image/png", "text/csv", or all of a family,
   * "image/*". An SVG can run scripts, so "image/*" leaves it out: name "image/svg+xml" to let it in.
   * HTML and scripts are among "text/*". Default: any.
   */
  readonly allowedTypes?: readonly string[] | undefined;
  /** The form's field with the file. Default: the one that has a file, whatever its name. */
  readonly field?: string | undefined;
  /** The most text fields beside the file. Default: 32. */
  readonly maxFields?: number | undefined;
  /** The most bytes of one of them, name and value together. Default: 16384. */
  readonly maxFieldBytes?: number | undefined;
  /** Ends the upload: what is being stored fails, and nothing is stored. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

const mediaRange = /^[\w!#$&^.+-]+\/(?:[\w!#$&^.+-]+|\*)$/;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

/**
 * Not InvalidArgument, which would tell the client that its request is wrong.
 *
 * @throws ConfigurationError for a limit that is no whole number, and a type that is none.
 */
export function checkAcceptOptions(options: AcceptOptions): void {
  const { maxBytes, allowedTypes = [], maxFields = 0, maxFieldBytes = 0 } = options;
  for (const [name, value] of Object.entries({ maxBytes, maxFields, maxFieldBytes })) {
    if (!isCount(value)) throw new ConfigurationError(`${name} has to be a whole number of at least 0`);
  }
  const wrong = allowedTypes.find((type) => !mediaRange.test(type));
  if (wrong === undefined) return;
  throw new ConfigurationError(`allowedTypes holds ${JSON.stringify(wrong)}: write "image/png" or "image/*"`);
}

/** A family leaves out its members made of XML, which a browser would run. */
export function isAllowed(type: string, allowedTypes: readonly string[] | undefined): boolean {
  if (allowedTypes === undefined) return true;
  return allowedTypes.some((allowed) => {
    const range = allowed.toLowerCase();
    if (!range.endsWith("/*")) return range === type;
    return type.startsWith(range.slice(0, -1)) && !/[+/]xml$/.test(type);
  });
}

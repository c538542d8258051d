import { attributesOf } from "../attributes.ts";
import type { Context } from "../context.ts";
import type { UploadUrlOptions } from "../operation-options.ts";
import type { SignedUpload } from "../storage-backend.ts";
import { InvalidArgumentError, NotSupportedError } from "../storage-errors.ts";

export function getUploadUrl(
  context: Context,
  key: string,
  options: UploadUrlOptions,
): Promise<SignedUpload> {
  return context.run({ operation: "getUploadUrl", key }, options, (operation) => {
    const { signal: _, contentType: __, metadata: ___, checksum, ...others } = options;
    const { expiresIn = context.urlExpiresIn, parts = false, ...given } = others;
    const { signedUploads } = context.capabilities;
    const { method = methodFor(given, signedUploads), ...terms } = given;
    const { minBytes, size, maxBytes } = terms;
    const sizes = [minBytes, size, maxBytes].filter((it) => it !== undefined);
    if (sizes.some((it, at) => it > (sizes[at + 1] ?? it)))
      throw new InvalidArgumentError("size lies between minBytes and maxBytes");
    const attributes = { ...attributesOf(key, options, context.driver.limits), internal: {} };
    if (!signedUploads.includes(method)) {
      throw new NotSupportedError(`method ${method} takes the capability signedUploads`);
    }
    const sha256 = checksum?.sha256.toLowerCase();
    return () =>
      operation.run("signUpload", [key], { ...terms, method, expiresIn, parts, attributes, sha256 });
  });
}

/** Where a service has forms, they are what says a range of sizes: its PUT says one size, or none. */
function methodFor(
  { size, minBytes, maxBytes, ifNoneMatch }: UploadUrlOptions,
  methods: readonly ("PUT" | "POST")[],
): "PUT" | "POST" {
  const isRange = size === undefined && (minBytes ?? maxBytes) !== undefined;
  return isRange && ifNoneMatch === undefined && methods.includes("POST") ? "POST" : "PUT";
}

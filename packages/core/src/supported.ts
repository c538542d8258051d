import { capabilitiesOf } from "./capabilities.ts";
import type { StorageDriver } from "./storage-driver.ts";
import { NotSupportedError } from "./storage-errors.ts";

/** Options of which a driver may honour some, with the feature that each of them takes. */
const featureOf = {
  put: {
    contentType: "contentType",
    cacheControl: "cacheControl",
    contentDisposition: "contentDisposition",
    contentEncoding: "contentEncoding",
    metadata: "userMetadata",
    ifNoneMatch: "createOnly",
    ifMatch: "compareAndSwap",
  },
  get: { range: "rangeReads" },
  delete: { ifMatch: "conditionalDelete" },
  copy: { ifMatch: "copyIfMatch", ifNoneMatch: "copyCreateOnly" },
  listPage: { delimiter: "delimiter" },
  getUploadUrl: { parts: "uploadParts" },
} as const;

/** @throws NotSupportedError for an option that the backend cannot honour. */
export function checkSupported(driver: StorageDriver, method: keyof typeof featureOf, options: object): void {
  const capabilities = capabilitiesOf(driver);
  for (const [option, feature] of Object.entries(featureOf[method])) {
    const value: unknown = Reflect.get(options, option);
    if (value === undefined || value === false || isEmpty(value) || capabilities[feature]) continue;
    throw new NotSupportedError(`${driver.name} cannot honour ${option}: its capability ${feature} is false`);
  }
}

/** `metadata: {}` asks for nothing. */
function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import { InvalidArgumentError } from "@storage/core";
import type { ObjectInput } from "./object-headers.ts";
import { queryOf } from "./signing.ts";

/** `put(key, data, { s3: { ... } })`. What is not given is not sent: the bucket's own settings hold then. */
export interface S3PutOptions {
  readonly storageClass?: PutObjectCommandInput["StorageClass"];
  /** "AES256", "aws:kms" or "aws:kms:dsse". */
  readonly serverSideEncryption?: PutObjectCommandInput["ServerSideEncryption"];
  /** Of `serverSideEncryption: "aws:kms"`: id, ARN or alias. */
  readonly kmsKeyId?: string | undefined;
  /** At most ten, on AWS. */
  readonly tagging?: Readonly<Record<string, string>> | undefined;
  /** Refused by buckets that have ACLs switched off, which is what AWS makes. */
  readonly acl?: PutObjectCommandInput["ACL"];
  readonly objectLockMode?: "GOVERNANCE" | "COMPLIANCE" | undefined;
  /** Goes with `objectLockMode`. */
  readonly objectLockRetainUntil?: Date | undefined;
  readonly objectLockLegalHold?: boolean | undefined;
}

declare module "@storage/core" {
  interface ProviderPutOptions {
    readonly s3?: S3PutOptions | undefined;
  }
}

const isRecord = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

const checks: Readonly<Record<keyof S3PutOptions, (value: unknown) => boolean>> = {
  storageClass: isText,
  serverSideEncryption: isText,
  kmsKeyId: isText,
  tagging: (value) => isRecord(value) && Object.values(value).every((tag) => typeof tag === "string"),
  acl: isText,
  objectLockMode: (value) => value === "GOVERNANCE" || value === "COMPLIANCE",
  objectLockRetainUntil: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  objectLockLegalHold: (value) => typeof value === "boolean",
};

/** @throws InvalidArgumentError for an option that is unknown or makes no sense. */
export function storedOptions(options: S3PutOptions): Partial<ObjectInput> {
  for (const [name, value] of Object.entries(options)) {
    const check: unknown = Reflect.get(checks, name);
    if (typeof check !== "function" || !Object.hasOwn(checks, name))
      throw new InvalidArgumentError(`s3.${name} is none of ${Object.keys(checks).join(", ")}`);
    if (value !== undefined && !check(value))
      throw new InvalidArgumentError(`s3.${name} has a value that makes no sense`);
  }
  const { tagging, objectLockMode, objectLockRetainUntil, objectLockLegalHold } = options;
  if ((objectLockMode === undefined) !== (objectLockRetainUntil === undefined))
    throw new InvalidArgumentError("s3.objectLockMode and s3.objectLockRetainUntil go together");
  return {
    StorageClass: options.storageClass,
    ServerSideEncryption: options.serverSideEncryption,
    SSEKMSKeyId: options.kmsKeyId,
    Tagging: tagging && queryOf(tagging),
    ACL: options.acl,
    ObjectLockMode: objectLockMode,
    ObjectLockRetainUntilDate: objectLockRetainUntil,
    ObjectLockLegalHoldStatus:
      objectLockLegalHold === undefined ? undefined : objectLockLegalHold ? "ON" : "OFF",
  };
}

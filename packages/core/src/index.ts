export { abortError } from "./abortable.ts";
export { around, type Watch, type WatchedCall } from "./around.ts";
export type { BackendOptions, StorageEvent } from "./attempts.ts";
export { copiedAttributes, writeId } from "./attributes.ts";
export { Backend } from "./backend.ts";
export type { Capabilities } from "./capabilities.ts";
export { checkRead, checkWrite } from "./conditions.ts";
export { contentDisposition } from "./content-disposition.ts";
export { contentTypeOf } from "./content-type.ts";
export { driverOf } from "./driver-of.ts";
export { allFeatures, widestLimits } from "./features.ts";
export { decodeMetadata, encodeMetadata } from "./metadata.ts";
export type {
  AttributeOptions,
  ByteRange,
  CloseOptions,
  CopyOptions,
  DeleteOptions,
  GetOptions,
  ListKeysOptions,
  ListOptions,
  ListPageOptions,
  OnProgress,
  OperationOptions,
  Progress,
  ProviderPutOptions,
  ProviderUrlOptions,
  PutOptions,
  StorageData,
  SweepOptions,
  UploadUrlOptions,
  UrlOptions,
} from "./operation-options.ts";
export { checkNames, checkOptionNames, nearest } from "./options.ts";
export { type DriverChanges, over } from "./over.ts";
export { resolveRange } from "./ranges.ts";
export type {
  DeleteManyResult,
  Limits,
  ListEntry,
  ListPage,
  ObjectMetadata,
  PutResult,
  SignedParts,
  SignedRequest,
  SignedUpload,
  SignedUploadTerms,
  Signer,
  StorageBackend,
  StoredObject,
} from "./storage-backend.ts";
export type {
  Attributes,
  Body,
  Bytes,
  Call,
  Classified,
  CopyCall,
  DriverEntry,
  DriverOperation,
  DriverPage,
  Features,
  Link,
  ListCall,
  ObjectFacts,
  RangeRequest,
  ReadCall,
  ReadResult,
  RemoveCall,
  ResolvedRange,
  StorageDriver,
  UploadLink,
  WriteCall,
  WriteFacts,
} from "./storage-driver.ts";
export {
  type Outcome,
  StorageError,
  type StorageErrorCode,
  type StorageErrorFacts,
  type StorageErrorOf,
} from "./storage-error.ts";
export {
  AbortedError,
  ArchivedError,
  BucketNotFoundError,
  ClosedError,
  ConfigurationError,
  FileNotFoundError,
  InfectedError,
  IntegrityError,
  InvalidArgumentError,
  InvalidKeyError,
  KeyConflictError,
  MissingDependencyError,
  NotModifiedError,
  NotSupportedError,
  PermissionDeniedError,
  PreconditionFailedError,
  QuotaExceededError,
  RangeNotSatisfiableError,
  RateLimitedError,
  SourceFailedError,
  storageError,
  TimeoutError,
  TooLargeError,
  UnauthenticatedError,
  UnavailableError,
} from "./storage-errors.ts";
export { type TransferOptions, type TransferProgress, type TransferResult, transfer } from "./transfer.ts";
export { compareKeys, utf8Length, validateKey, validatePrefix } from "./validate-key.ts";
export { withPrefix } from "./with-prefix.ts";

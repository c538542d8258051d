import type { BackendOptions } from "@storage/core";

// What the constructors of the providers take, without a type of theirs: who has one provider installed
// needs no other one for its types. What is required there may be left out, since a variable can give it.

/** Of the backends whose links are our own. */
interface OwnLinks {
  /** Where a handler serves the files. Default: STORAGE_BASE_URL, else http://localhost:8000/files. */
  readonly baseUrl?: string | undefined;
  /**
   * At least 16 bytes; the first of several signs, all verify. Default: STORAGE_URL_SECRET, else a random
   * one, with a warning.
   */
  readonly secret?: string | readonly string[] | undefined;
}

/** Of `MemoryBackend`. */
export interface EasyMemoryOptions extends BackendOptions, OwnLinks {
  /** Bytes of all bodies together; a put past it is a QuotaExceededError. Default: no limit. */
  readonly maxBytes?: number | undefined;
}

/** Of `LocalBackend`. */
export interface EasyLocalOptions extends BackendOptions, OwnLinks {
  /** The folder that holds the objects. Default: STORAGE_BASE_PATH, else /data/uploads. */
  readonly basePath?: string | undefined;
  /** A folder that has to be there already. Default: RAILWAY_VOLUME_MOUNT_PATH where that holds `basePath`. */
  readonly mountPoint?: string | undefined;
  /** Whether what is stored survives a power cut, or only the process. Default: "fsync". */
  readonly durability?: "fsync" | "none" | undefined;
  /** Permissions of new files, less the umask. Default: 0o666. */
  readonly mode?: number | undefined;
  /** Another file system with the callbacks of `node:fs`, such as memfs. Default: `node:fs`. */
  readonly fs?: object | undefined;
}

/** What a service that speaks S3 can do, as `S3Backend.probe()` finds it. */
export interface EasyS3Features {
  readonly createOnly: boolean;
  readonly compareAndSwap: boolean;
  readonly conditionalParts: boolean;
  readonly conditionalDelete: boolean;
  readonly copyIfMatch: boolean;
  readonly copyCreateOnly: boolean;
  readonly batchDelete: boolean;
  readonly uploadForms: boolean;
  readonly uploadChecksums: boolean;
  readonly underscores: boolean;
  readonly keyAndPrefix: "kept" | "refused" | "hidden";
}

/** Of `S3Backend`. */
export interface EasyS3Options extends BackendOptions {
  /** Its name, without s3:// and without a path. Default: STORAGE_S3_BUCKET. */
  readonly bucket?: string | undefined;
  /** Default: STORAGE_S3_REGION, else what the host name tells, else "us-east-1". */
  readonly region?: string | undefined;
  /** The URL of another service than AWS. Default: STORAGE_S3_ENDPOINT. */
  readonly endpoint?: string | undefined;
  /**
   * With `secretAccessKey`. Default: the pair of STORAGE_S3_ACCESS_KEY and STORAGE_S3_SECRET_KEY, else
   * AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY with AWS_SESSION_TOKEN, else what the SDK finds.
   */
  readonly accessKeyId?: string | undefined;
  /** With `accessKeyId`. */
  readonly secretAccessKey?: string | undefined;
  /** Of temporary credentials, with both. Default: as for `accessKeyId`. */
  readonly sessionToken?: string | undefined;
  /** An `S3Client` of yours, which brings its region, endpoint and credentials: none are read then. */
  readonly client?: object | undefined;
  /** What answers at the endpoint. Default: what the host name tells, else "unknown". */
  readonly service?:
    | "aws"
    | "r2"
    | "b2"
    | "spaces"
    | "wasabi"
    | "scaleway"
    | "minio"
    | "ceph"
    | "versitygw"
    | "unknown"
    | undefined;
  /** Default: by the service; off where it is unknown. */
  readonly features?: Partial<EasyS3Features> | undefined;
  /** Whether the bucket is a part of the path, and not of the host. Default: by the service. */
  readonly forcePathStyle?: boolean | undefined;
  /** By AWS's Transfer Acceleration. Default: false. */
  readonly accelerate?: boolean | undefined;
  /** By AWS's endpoints that have IPv6, too. Default: false. */
  readonly dualStack?: boolean | undefined;
  /** Bytes of a part. Default: 8 MiB; at least 5 MiB. */
  readonly partSize?: number | undefined;
  /** Parts of one upload in memory at once. Default: 4. */
  readonly partConcurrency?: number | undefined;
  /** Ranges of one large object that are read at once. Default: 1. */
  readonly readConcurrency?: number | undefined;
  /** Bytes. A larger object is copied in parts. Default: 5 GiB, which is the most. */
  readonly copyThreshold?: number | undefined;
  /** Where everybody reads the bucket: links then lie below it, without a signature. */
  readonly publicUrl?: string | undefined;
  /** "read": what only reads takes whatever key the bucket holds. Default: "refuse". */
  readonly foreignKeys?: "refuse" | "read" | undefined;
  /** Pays for requests to a bucket of somebody else. Default: false. */
  readonly requesterPays?: boolean | undefined;
  /** An agent of `node:http` or `node:https`, such as a proxy's. Default: one that keeps connections alive. */
  readonly agent?: object | undefined;
  /** Connections of the default agent. Default: no limit but `maxConcurrency`. */
  readonly maxSockets?: number | undefined;
}

/** Of `GCSBackend`. */
export interface EasyGCSOptions extends BackendOptions {
  /** Its name, without gs:// and without a path. Default: STORAGE_GCS_BUCKET. */
  readonly bucket?: string | undefined;
  /** Default: STORAGE_GCS_PROJECT, else what the credentials tell. */
  readonly projectId?: string | undefined;
  /** The path of a JSON key. Default: GOOGLE_APPLICATION_CREDENTIALS, else what the SDK finds. */
  readonly keyFilename?: string | undefined;
  /** In place of `keyFilename`: no file is read then. */
  readonly credentials?: object | undefined;
  /** The URL of another service than Google's, such as an emulator. */
  readonly apiEndpoint?: string | undefined;
}

/** Of `CloudinaryBackend`. The three are given together, or read together: CLOUDINARY_URL, else STORAGE_CLOUDINARY_... */
export interface EasyCloudinaryOptions extends BackendOptions {
  readonly cloudName?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly apiSecret?: string | undefined;
}

/** The options by the name of their backend. */
export interface EasyOptions {
  readonly local: EasyLocalOptions;
  readonly s3: EasyS3Options;
  readonly gcs: EasyGCSOptions;
  readonly cloudinary: EasyCloudinaryOptions;
  readonly memory: EasyMemoryOptions;
}

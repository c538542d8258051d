import type { S3Features } from "./s3-features.ts";

/** What speaks S3, by the names that the option `service` takes. */
export type S3ServiceName =
  | "aws"
  | "r2"
  | "b2"
  | "spaces"
  | "wasabi"
  | "scaleway"
  | "minio"
  | "ceph"
  | "versitygw"
  | "unknown";

/** What a service does differently: all of it goes with the option `service`, and the features one by one. */
export interface S3Service {
  readonly name: S3ServiceName;
  /** Whether the bucket is a part of the path, and not of the host. */
  readonly isPathStyle: boolean;
  /** Whether bodies carry a CRC32 that the service checks: others refuse what they do not know. */
  readonly checksums: boolean;
  /** Whether metadata is decoded by RFC 2047 on its way in: what is ASCII then comes back bare. */
  readonly decodesMetadata: boolean;
  /** Of one upload. */
  readonly maxParts: number;
  /**
   * The form of `If-Match` on a write. Bare is what Ceph wants and AWS's own examples have ("Conditional
   * writes" in the S3 user guide); in quotes it stands in RFC 9110.
   */
  readonly quotedEtags: boolean;
  /** Where the host name tells it. */
  readonly region?: string | undefined;
  /** Whether blanks around the fields of a form are dropped, those of a key among them. */
  readonly trimsForms: boolean;
  /**
   * How a link says that a header is not sent, where the service takes headers that are not signed: "named",
   * since Ceph passes over what is named and not sent; or in the "query", where MinIO looks for it then.
   */
  readonly signsAbsence?: "named" | "query" | undefined;
  readonly features: S3Features;
}

const noFeatures: S3Features = {
  createOnly: false,
  compareAndSwap: false,
  conditionalParts: false,
  conditionalDelete: false,
  copyIfMatch: false,
  copyCreateOnly: false,
  batchDelete: true,
  uploadForms: false,
  uploadChecksums: false,
  underscores: true,
  keyAndPrefix: "kept",
};

const plain: Omit<S3Service, "name"> = {
  isPathStyle: false,
  checksums: false,
  decodesMetadata: false,
  maxParts: 10_000,
  quotedEtags: false,
  trimsForms: false,
  features: noFeatures,
};

const conditionalWrites = { createOnly: true, compareAndSwap: true, conditionalParts: true };

/**
 * What the documentation of each service says, and what the conformance suite saw of those that it runs
 * on (docs/providers.md). A condition that a service ignores would overwrite in silence: where nothing
 * says that it is kept, it is off.
 */
const services: Readonly<Record<S3ServiceName, Omit<S3Service, "name">>> = {
  aws: {
    ...plain,
    checksums: true,
    features: {
      ...noFeatures,
      ...conditionalWrites,
      conditionalDelete: true,
      copyIfMatch: true,
      copyCreateOnly: true,
      uploadForms: true,
      uploadChecksums: true,
    },
  },
  r2: {
    ...plain,
    decodesMetadata: true,
    quotedEtags: true,
    features: { ...noFeatures, createOnly: true, compareAndSwap: true, copyIfMatch: true },
  },
  b2: { ...plain, features: { ...noFeatures } },
  spaces: { ...plain, features: { ...noFeatures, uploadForms: true } },
  wasabi: { ...plain, features: { ...noFeatures, uploadForms: true } },
  scaleway: {
    ...plain,
    maxParts: 1000,
    features: { ...noFeatures, ...conditionalWrites, copyCreateOnly: true, uploadForms: true },
  },
  minio: {
    ...plain,
    isPathStyle: true,
    signsAbsence: "query",
    features: {
      ...noFeatures,
      ...conditionalWrites,
      copyIfMatch: true,
      uploadForms: true,
      uploadChecksums: true,
      keyAndPrefix: "hidden",
    },
  },
  ceph: {
    ...plain,
    isPathStyle: true,
    trimsForms: true,
    signsAbsence: "named",
    features: {
      ...noFeatures,
      createOnly: true,
      compareAndSwap: true,
      uploadForms: true,
      underscores: false,
    },
  },
  versitygw: {
    ...plain,
    isPathStyle: true,
    features: {
      ...noFeatures,
      copyIfMatch: true,
      uploadForms: true,
      uploadChecksums: true,
      keyAndPrefix: "refused",
    },
  },
  unknown: { ...plain, isPathStyle: true },
};

export const serviceNames: readonly string[] = Object.keys(services);

/** By the whole host name, whose group is the region. The bucket may stand before it. */
const hosts: readonly (readonly [name: S3ServiceName, host: RegExp])[] = [
  ["aws", /^s3[.-](?:dualstack\.|fips[.-](?:dualstack\.)?)?([a-z]{2}-[a-z-]+-\d)\.amazonaws\.com(?:\.cn)?$/],
  ["aws", /^s3(?:-accelerate(?:\.dualstack)?)?\.amazonaws\.com$/],
  ["r2", /^[0-9a-f]{32}\.(?:[a-z]+\.)?r2\.cloudflarestorage\.com$/],
  ["b2", /^s3\.([a-z0-9-]+)\.backblazeb2\.com$/],
  ["spaces", /^([a-z]{3}\d)\.(?:cdn\.)?digitaloceanspaces\.com$/],
  ["wasabi", /^s3\.(?:([a-z]{2}-[a-z-]+-\d)\.)?wasabisys\.com$/],
  ["scaleway", /^s3\.([a-z]{2}-[a-z]{3})\.scw\.cloud$/],
];

/** The service behind a host name that names no bucket. */
export function serviceAt(host: string): S3Service {
  for (const [name, form] of hosts) {
    const found = form.exec(host);
    if (found) return { ...serviceCalled(name), region: regionOf(name, found[1]) };
  }
  return serviceCalled("unknown");
}

export function serviceCalled(name: S3ServiceName): S3Service {
  return { name, ...services[name] };
}

function regionOf(name: S3ServiceName, found: string | undefined): string | undefined {
  return name === "r2" ? "auto" : found;
}

import type { Bucket, Stores } from "../store.ts";

export const raw = "AWS SDK";
export const ours = "S3Backend";

export const s3Stores: Stores<Bucket> = {
  [raw]: async (place) => (await import("./raw.ts")).openStore(place),
  [ours]: async (place) => (await import("./ours.ts")).openStore(place),
  "files-sdk": async (place) => (await import("./files-sdk.ts")).openStore(place),
  flystorage: async (place) => (await import("./flystorage.ts")).openStore(place),
  flydrive: async (place) => (await import("./flydrive.ts")).openStore(place),
  "minio-js": async (place) => (await import("./minio-js.ts")).openStore(place),
  s3mini: async (place) => (await import("./s3mini.ts")).openStore(place),
};

/** Those who read what is large; of the SDK by hand, the harder way too. */
export const s3Readers: Stores<Bucket> = {
  ...s3Stores,
  [`${raw}, 4 ranges at once`]: async (place) => (await import("./raw.ts")).openRangedStore(place),
};

/** The peers of ours: one way to call many services. The others speak S3 alone. */
export const manyServices: ReadonlySet<string> = new Set([ours, "files-sdk", "flystorage", "flydrive"]);

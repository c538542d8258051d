// The S3 servers that tests meet. Where one is stands in the environment, so that it makes no difference
// who started it: scripts/services/run.ts, or somebody who names his own.

export interface S3Service {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

export const s3ServiceNames = ["minio", "radosgw", "versitygw"] as const;

export type S3ServiceName = (typeof s3ServiceNames)[number];

type Fact = "ENDPOINT" | "ACCESS_KEY" | "SECRET_KEY" | "REGION";

const variableFor = (name: S3ServiceName, fact: Fact): string => `STORAGE_TEST_${name.toUpperCase()}_${fact}`;

export const endpointVariable = (name: S3ServiceName): string => variableFor(name, "ENDPOINT");

/**
 * Where it is, and who may use it. Throws where the environment does not say, so ask for it in a test or a
 * hook: the body of a `describe` runs also when it is skipped.
 */
export function s3Service(name: S3ServiceName): S3Service {
  const read = (fact: Fact, fallback?: string): string => {
    const value = process.env[variableFor(name, fact)] || fallback;
    if (value === undefined) throw new Error(`${name}: ${variableFor(name, fact)} is not set`);
    return value;
  };
  return {
    endpoint: read("ENDPOINT"),
    accessKeyId: read("ACCESS_KEY"),
    secretAccessKey: read("SECRET_KEY"),
    region: read("REGION", "us-east-1"),
  };
}

/** The variables that say where it is. */
export const environmentFor = (
  name: S3ServiceName,
  service: S3Service,
): Readonly<Record<string, string>> => ({
  [variableFor(name, "ENDPOINT")]: service.endpoint,
  [variableFor(name, "ACCESS_KEY")]: service.accessKeyId,
  [variableFor(name, "SECRET_KEY")]: service.secretAccessKey,
  [variableFor(name, "REGION")]: service.region,
});

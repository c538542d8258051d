import type { S3Client } from "@aws-sdk/client-s3";
import { Backend, type BackendOptions, ConfigurationError, checkOptionNames } from "@storage/core";
import { Connection, type Sdk } from "./connection.ts";
import { type GivenCredentials, pairOf } from "./credentials.ts";
import { S3Driver } from "./driver.ts";
import { type Endpoint, endpointOf, type Whereabouts } from "./endpoint.ts";
import type { S3Features } from "./s3-features.ts";
import { serviceNames } from "./services.ts";
import type { Credentials } from "./signing.ts";

export interface S3BackendOptions extends BackendOptions, GivenCredentials, Whereabouts {
  /** What the service can do, as `probe()` found it. Default: by the service; off where it is unknown. */
  readonly features?: Partial<S3Features> | undefined;
  /** Bytes of a part, and of memory for each of `partConcurrency`. Default: 8 MiB; at least 5 MiB. */
  readonly partSize?: number | undefined;
  /** Parts of one upload at once. Default: 4. */
  readonly partConcurrency?: number | undefined;
  /** Connections to the service. Default: no limit but `maxConcurrency`, since bodies that are read slowly hold one each. */
  readonly maxSockets?: number | undefined;
}

const optionNames = [
  "bucket",
  "region",
  "endpoint",
  "accessKeyId",
  "secretAccessKey",
  "sessionToken",
  "forcePathStyle",
  "service",
  "features",
  "accelerate",
  "dualStack",
  "partSize",
  "partConcurrency",
  "maxSockets",
];

const mebibyte = 2 ** 20;

/** AWS S3, and every service that speaks it. */
export class S3Backend extends Backend {
  readonly #connection: Connection;

  /** @throws ConfigurationError for an option that is unknown or makes no sense. */
  constructor(options: S3BackendOptions) {
    checkOptionNames(options, optionNames);
    const { partSize = 8 * mebibyte, partConcurrency = 4, maxSockets = Number.POSITIVE_INFINITY } = options;
    const checks: readonly (readonly [isRight: boolean, rule: string])[] = [
      [
        Number.isInteger(partSize) && partSize >= 5 * mebibyte && partSize <= 5 * 2 ** 30,
        "partSize is 5 MiB to 5 GiB, in bytes",
      ],
      [Number.isInteger(partConcurrency) && partConcurrency >= 1, "partConcurrency is 1 or more"],
      [maxSockets >= 1, "maxSockets is 1 or more"],
      [
        options.service === undefined || serviceNames.includes(options.service),
        `service is one of ${serviceNames.join(", ")}`,
      ],
    ];
    for (const [isRight, rule] of checks) if (!isRight) throw new ConfigurationError(rule);
    const endpoint = endpointOf(options);
    const connect = options.timeouts?.connect ?? 5000;
    const connection = new Connection({
      endpoint,
      pair: pairOf(options),
      makeClient: (sdk) => makeClient(sdk, endpoint, options, { connect, maxSockets }),
    });
    const features = { ...endpoint.service.features, ...options.features };
    const { maxParts } = endpoint.service;
    const upload = {
      bucket: options.bucket,
      partSize,
      concurrency: partConcurrency,
      maxParts,
      conditionalParts: features.conditionalParts,
    };
    super(new S3Driver(connection, { bucket: options.bucket, features, upload }), options);
    this.#connection = connection;
  }

  /** The SDK's own client, for what no abstraction covers. It is closed with the backend. */
  async client(): Promise<S3Client> {
    return (await this.#connection.load()).client;
  }
}

function makeClient(
  sdk: Sdk,
  { url, region, isPathStyle, isAccelerated, service }: Endpoint,
  options: S3BackendOptions,
  { connect, maxSockets }: { readonly connect: number; readonly maxSockets: number },
): S3Client {
  const credentials = pairOf(options);
  const agent = { keepAlive: true, maxSockets };
  const when = service.checksums ? "WHEN_SUPPORTED" : "WHEN_REQUIRED";
  return new sdk.S3Client({
    region,
    forcePathStyle: isPathStyle,
    useAccelerateEndpoint: isAccelerated,
    useDualstackEndpoint: options.dualStack ?? false,
    requestChecksumCalculation: when,
    responseChecksumValidation: when,
    // Retries and time-outs are core's.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: connect,
      requestTimeout: 0,
      socketTimeout: 0,
      httpAgent: agent,
      httpsAgent: agent,
    },
    ...(url === undefined ? {} : { endpoint: url }),
    ...(credentials === undefined ? {} : { credentials: withToken(credentials) }),
  });
}

/** The SDK's type knows no token that is undefined. */
function withToken({
  sessionToken,
  ...pair
}: Credentials): Omit<Credentials, "sessionToken" | "expiration"> & { sessionToken?: string } {
  const { accessKeyId, secretAccessKey } = pair;
  return sessionToken === undefined
    ? { accessKeyId, secretAccessKey }
    : { accessKeyId, secretAccessKey, sessionToken };
}

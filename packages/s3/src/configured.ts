import { ConfigurationError, checkOptionNames } from "@storage/core";
import { clientAtEndpoint, makeClient } from "./client.ts";
import { Connection, type ConnectionSettings, type Target } from "./connection.ts";
import { pairOf } from "./credentials.ts";
import type { S3DriverSettings } from "./driver.ts";
import { endpointOf } from "./endpoint.ts";
import { ObjectHeaders } from "./object-headers.ts";
import type { S3BackendOptions } from "./s3-backend.ts";
import type { S3Features } from "./s3-features.ts";
import { type S3Service, type S3ServiceName, serviceCalled, serviceNames } from "./services.ts";

/** What a client that is handed in brings with it. */
const ofClient = [
  "region",
  "endpoint",
  "accessKeyId",
  "secretAccessKey",
  "sessionToken",
  "forcePathStyle",
  "accelerate",
  "dualStack",
  "agent",
  "maxSockets",
] as const;

const optionNames: readonly string[] = [
  ...ofClient,
  "bucket",
  "service",
  "features",
  "client",
  "partSize",
  "partConcurrency",
  "readConcurrency",
  "copyThreshold",
  "publicUrl",
  "requesterPays",
  "foreignKeys",
];

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

const isBytes = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= 5 * mebibyte && Number(value) <= 5 * gibibyte;

/**
 * What the options of a backend come to, without any I/O.
 *
 * @throws ConfigurationError for an option that is unknown or makes no sense.
 */
export function configured(options: S3BackendOptions): {
  readonly connection: Connection;
  readonly settings: S3DriverSettings;
  readonly service: S3ServiceName;
} {
  check(options);
  const { partSize = 8 * mebibyte, partConcurrency = 4, copyThreshold = 5 * gibibyte, publicUrl } = options;
  const { service, ...atEndpoint } = clientFor(options);
  const features = { ...service.features, ...given(options.features) };
  const target: Target = {
    Bucket: options.bucket,
    ...(options.requesterPays ? { RequestPayer: "requester" } : {}),
  };
  return {
    connection: new Connection({
      target,
      objectHeaders: new ObjectHeaders({ ...service, ...features }),
      ...atEndpoint,
    }),
    service: service.name,
    settings: {
      features,
      foreignKeys: options.foreignKeys === "read",
      partSize,
      concurrency: partConcurrency,
      readConcurrency: options.readConcurrency ?? 1,
      copyThreshold,
      maxParts: service.maxParts,
      publicUrl: publicUrl?.replace(/\/*$/, "/"),
    },
  };
}

function clientFor(
  options: S3BackendOptions,
): Pick<ConnectionSettings, "endpoint" | "pair" | "open"> & { readonly service: S3Service } {
  const { client, bucket, agent, dualStack = false, maxSockets = Number.POSITIVE_INFINITY } = options;
  if (client !== undefined) {
    const name = options.service ?? (client.config.isCustomEndpoint ? "unknown" : "aws");
    const location = { bucket, service: name };
    return {
      service: serviceCalled(name),
      endpoint: undefined,
      pair: undefined,
      open: () => clientAtEndpoint(client, location),
    };
  }
  const endpoint = endpointOf(options);
  const pair = pairOf(options);
  const connect = options.timeouts?.connect ?? 5000;
  const settings = { endpoint, pair, dualStack, agent, maxSockets, connect };
  return {
    service: endpoint.service,
    endpoint,
    pair,
    // With the client its agent is closed, for all who use it.
    open: async (sdk) => ({ client: makeClient(sdk, settings), endpoint, isOurs: agent === undefined }),
  };
}

/** What is undefined is not given. */
function given(features: S3BackendOptions["features"] = {}): Partial<S3Features> {
  return Object.fromEntries(Object.entries(features).filter(([, value]) => value !== undefined));
}

const isFeature = ([name, value]: readonly [string, unknown]): boolean => {
  const known: unknown = Reflect.get(serviceCalled("unknown").features, name);
  if (name === "keyAndPrefix") return ["kept", "refused", "hidden"].includes(String(value));
  return typeof known === "boolean" && typeof value === "boolean";
};

function check(options: S3BackendOptions): void {
  checkOptionNames(options, optionNames);
  const {
    partSize,
    partConcurrency = 1,
    readConcurrency = 1,
    copyThreshold,
    maxSockets = 1,
    service,
    publicUrl,
    client,
  } = options;
  const both = client === undefined ? undefined : ofClient.find((name) => options[name] !== undefined);
  const checks: readonly (readonly [isRight: boolean, rule: string])[] = [
    [partSize === undefined || isBytes(partSize), "partSize is 5 MiB to 5 GiB, in bytes"],
    [copyThreshold === undefined || isBytes(copyThreshold), "copyThreshold is 5 MiB to 5 GiB, in bytes"],
    [Number.isInteger(partConcurrency) && partConcurrency >= 1, "partConcurrency is 1 or more"],
    [Number.isInteger(readConcurrency) && readConcurrency >= 1, "readConcurrency is 1 or more"],
    [maxSockets >= 1, "maxSockets is 1 or more"],
    [service === undefined || serviceNames.includes(service), `service is one of ${serviceNames.join(", ")}`],
    [
      publicUrl === undefined || (URL.canParse(publicUrl) && /^https?:[^?#]+$/i.test(publicUrl)),
      "publicUrl is the URL below which everybody reads the bucket, without a query",
    ],
    [[undefined, "refuse", "read"].includes(options.foreignKeys), 'foreignKeys is "refuse" or "read"'],
    [
      Object.entries(given(options.features)).every(isFeature),
      `features are ${Object.keys(serviceCalled("unknown").features).join(", ")}, as probe() gives them`,
    ],
    [both === undefined, `client brings its own ${both}: give one of the two`],
  ];
  for (const [isRight, rule] of checks) if (!isRight) throw new ConfigurationError(rule);
}

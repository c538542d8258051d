import type { Agent as HttpAgent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { ConfigurationError } from "@storage/core";
import type { ClientAtEndpoint, Sdk } from "./connection.ts";
import { type BucketLocation, type Endpoint, endpointOf } from "./endpoint.ts";
import type { Credentials } from "./signing.ts";

export interface ClientSettings {
  readonly endpoint: Endpoint;
  readonly pair: Credentials | undefined;
  readonly dualStack: boolean;
  readonly agent: HttpAgent | HttpsAgent | undefined;
  readonly maxSockets: number;
  /** Milliseconds to connect; 0 is for ever. */
  readonly connect: number;
}

const silent = (): void => undefined;
/** Nothing of ours writes to the console: the SDK would warn of requests that wait for one of `maxSockets`. */
const silence = { debug: silent, info: silent, warn: silent, error: silent };

/** The SDK's client, with its own retries and time-outs off: they are core's. */
export function makeClient(sdk: Sdk, settings: ClientSettings): S3Client {
  const { endpoint, pair, dualStack, maxSockets, connect } = settings;
  const { url, region, isPathStyle, isAccelerated, service } = endpoint;
  const agent = settings.agent ?? { keepAlive: true, maxSockets };
  const when = service.checksums ? "WHEN_SUPPORTED" : "WHEN_REQUIRED";
  const config: S3ClientConfig = {
    region,
    // What the environment and profiles say of these, requests by the short way would not know.
    ignoreConfiguredEndpointUrls: true,
    useFipsEndpoint: false,
    forcePathStyle: isPathStyle,
    useAccelerateEndpoint: isAccelerated,
    useDualstackEndpoint: dualStack,
    requestChecksumCalculation: when,
    responseChecksumValidation: when,
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: connect,
      requestTimeout: 0,
      socketTimeout: 0,
      httpAgent: agent,
      httpsAgent: agent,
      logger: silence,
    },
  };
  if (url !== undefined) config.endpoint = url;
  if (pair !== undefined) config.credentials = pair;
  return new sdk.S3Client(config);
}

/** A client that was handed in, and the endpoint that it has been made for. */
export async function clientAtEndpoint(
  client: S3Client,
  whereabouts: BucketLocation,
): Promise<ClientAtEndpoint> {
  const { config } = client;
  const found = config.isCustomEndpoint && config.endpoint ? await config.endpoint() : undefined;
  const port = found?.port === undefined ? "" : `:${found.port}`;
  if (await config.useFipsEndpoint())
    throw new ConfigurationError("a client with useFipsEndpoint: give it the endpoint instead");
  const endpoint = found && `${found.protocol}//${found.hostname}${port}${found.path}`;
  return {
    client,
    isOurs: false,
    endpoint: endpointOf({
      ...whereabouts,
      region: await config.region(),
      forcePathStyle: config.forcePathStyle,
      accelerate: config.useAccelerateEndpoint,
      dualStack: await config.useDualstackEndpoint(),
      ...(endpoint === undefined ? {} : { endpoint }),
    }),
  };
}

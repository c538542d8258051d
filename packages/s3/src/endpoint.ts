import { ConfigurationError } from "@storage/core";
import { type S3Service, type S3ServiceName, serviceAt, serviceCalled } from "./services.ts";

/** Where a bucket is, as the options say it. */
export interface BucketLocation {
  /** Its name, without s3:// and without a path; the alias of an access point is a name, too. */
  readonly bucket: string;
  /** Default: what the host name tells, else "us-east-1". */
  readonly region?: string | undefined;
  /** The URL of another service than AWS. The bucket may stand in its host, or at the end of its path. */
  readonly endpoint?: string | undefined;
  /** Whether the bucket is a part of the path, and not of the host. Default: by the service. */
  readonly forcePathStyle?: boolean | undefined;
  /** What answers there. Default: what the host name tells, else "unknown". */
  readonly service?: S3ServiceName | undefined;
  /** By AWS's Transfer Acceleration. Default: false. */
  readonly accelerate?: boolean | undefined;
  /** By AWS's endpoints that have IPv6, too. Default: false. */
  readonly dualStack?: boolean | undefined;
}

export interface Endpoint {
  readonly service: S3Service;
  readonly region: string;
  /** What the SDK is given: it puts the bucket before the host or into the path itself. Undefined for AWS. */
  readonly url?: string | undefined;
  readonly isPathStyle: boolean;
  readonly isAccelerated: boolean;
  /** Of the bucket: all that a key is appended to. */
  readonly protocol: string;
  /** With the port where it is not the protocol's own. */
  readonly host: string;
  readonly hostname: string;
  readonly port: number | undefined;
  /** Ends with a slash. */
  readonly path: string;
}

/** A name that can stand before a host under a certificate for `*.host`. */
const labelForm = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
/** Of the partitions beside the first ("Amazon S3 endpoints and quotas" in the AWS General Reference). */
const suffixes: readonly (readonly [regions: RegExp, suffix: string])[] = [
  [/^cn-/, "amazonaws.com.cn"],
  [/^eusc-/, "amazonaws.eu"],
  [/^us-iso-/, "c2s.ic.gov"],
  [/^us-isob-/, "sc2s.sgov.gov"],
];

/** IPv4 or IPv6, before which no name can stand. */
const addressForm = /^[\d.]+$|^\[/;
/** General purpose buckets ("Bucket naming rules" in the S3 user guide), and what older and other services hold. */
const bucketForm = /^[A-Za-z0-9][\w.-]{1,253}[A-Za-z0-9]$/;

/** @throws ConfigurationError for what is no bucket, no endpoint, or both of them at odds. */
export function endpointOf(whereabouts: BucketLocation): Endpoint {
  const { bucket } = whereabouts;
  if (typeof bucket !== "string" || !bucketForm.test(bucket))
    throw new ConfigurationError(
      "bucket is the name of a bucket, without s3:// and without a path (STORAGE_S3_BUCKET); ARNs are not supported, access point aliases are",
    );
  if (/--x-s3$/.test(bucket))
    throw new ConfigurationError(
      "a directory bucket lists in no order and signs its own way: it is not supported",
    );
  return whereabouts.endpoint === undefined ? onAws(whereabouts) : at(whereabouts, whereabouts.endpoint);
}

function onAws({
  bucket,
  region = "us-east-1",
  forcePathStyle,
  accelerate,
  dualStack,
}: BucketLocation): Endpoint {
  const isPathStyle = forcePathStyle ?? !labelForm.test(bucket);
  if (accelerate && isPathStyle)
    throw new ConfigurationError("accelerate takes a bucket whose name has no dots, and no forcePathStyle");
  const suffix = suffixes.find(([regions]) => regions.test(region))?.[1] ?? "amazonaws.com";
  const dual = dualStack ? ".dualstack" : "";
  const name = accelerate ? `s3-accelerate${dual}.${suffix}` : `s3${dual}.${region}.${suffix}`;
  return {
    service: serviceCalled("aws"),
    region,
    isPathStyle,
    isAccelerated: accelerate ?? false,
    protocol: "https:",
    ...placed(bucket, isPathStyle, name, "/"),
  };
}

function at(whereabouts: BucketLocation, endpoint: string): Endpoint {
  const { bucket, forcePathStyle, accelerate, dualStack } = whereabouts;
  const { protocol, host, pathname } = parsed(endpoint);
  const isInHost = holdsBucket(whereabouts, host);
  const serviceHost = isInHost ? host.slice(bucket.length + 1) : host;
  const service = serviceOf(whereabouts, serviceHost);
  const isAccelerated = service.name === "aws" && serviceHost.startsWith("s3-accelerate");
  if ((accelerate || dualStack) && !isAccelerated)
    throw new ConfigurationError("accelerate and dualStack are of AWS itself: leave the endpoint out");
  const isNamed = labelForm.test(bucket) && !addressForm.test(nameOf(host));
  const isPathStyle = !isInHost && (forcePathStyle ?? (service.isPathStyle || !isNamed));
  const path = withoutBucket(pathname, bucket);
  return {
    service,
    region: whereabouts.region ?? service.region ?? "us-east-1",
    url: isAccelerated ? undefined : `${protocol}//${serviceHost}${path}`,
    isPathStyle,
    isAccelerated,
    protocol,
    ...placed(bucket, isPathStyle, serviceHost, path),
  };
}

/**
 * Whether a host is that of the bucket already.
 *
 * @throws ConfigurationError where it may as well be a service whose own name begins like the bucket: a
 * wrong guess would meet another bucket.
 */
function holdsBucket({ bucket, forcePathStyle }: BucketLocation, host: string): boolean {
  if (forcePathStyle === true || !host.startsWith(`${bucket}.`)) return false;
  const rest = nameOf(host.slice(bucket.length + 1));
  if (forcePathStyle === false || serviceAt(rest).name !== "unknown" || /^s3[.-]/.test(rest)) return true;
  if (serviceAt(nameOf(host)).name !== "unknown") return false;
  throw new ConfigurationError(
    "the endpoint begins with the bucket's name: forcePathStyle false says that it is the bucket, true that it is not",
  );
}

/** What the option says, with the region that the host name tells. */
function serviceOf({ service }: BucketLocation, host: string): S3Service {
  const found = serviceAt(nameOf(host));
  return service ? { ...serviceCalled(service), region: found.region } : found;
}

function placed(
  bucket: string,
  isPathStyle: boolean,
  host: string,
  path: string,
): Pick<Endpoint, "host" | "hostname" | "port" | "path"> {
  const whole = isPathStyle ? host : `${bucket}.${host}`;
  const port = /:(\d+)$/.exec(host)?.[1];
  return {
    host: whole,
    hostname: nameOf(whole),
    port: port === undefined ? undefined : Number(port),
    path: isPathStyle ? `${path}${bucket}/` : path,
  };
}

/** Some dashboards show the endpoint with the bucket at its end. */
function withoutBucket(pathname: string, bucket: string): string {
  const segments = pathname.split("/").filter(Boolean);
  if (segments.at(-1) === bucket) segments.pop();
  return segments.length === 0 ? "/" : `/${segments.join("/")}/`;
}

const nameOf = (host: string): string => host.replace(/:\d+$/, "");

function parsed(endpoint: string): URL {
  const isUrl = typeof endpoint === "string" && /^https?:\/\//i.test(endpoint) && URL.canParse(endpoint);
  const url = isUrl ? new URL(endpoint) : undefined;
  if (url === undefined || url.search || url.hash || url.username || url.password)
    throw new ConfigurationError(
      "endpoint is the URL of the service, such as https://s3.example.com, without query and credentials (STORAGE_S3_ENDPOINT)",
    );
  return url;
}

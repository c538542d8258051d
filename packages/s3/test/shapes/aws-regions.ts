import { moment, type Quirk, refusal } from "./quirk.ts";
import { failure, type Reply } from "./replies.ts";
import { regionOf } from "./signature.ts";

/** Where the bucket of these tests is. */
export const home = "eu-central-1";

const named = { "x-amz-bucket-region": home };

const signedForAnother: Quirk = refusal(
  {
    name: "a request signed for another region is told the right one",
    source: "https://github.com/jsoma/flatware/issues/10",
    quote: "AuthorizationHeaderMalformed … <Region>eu-central-1</Region> … x-amz-bucket-region: eu-central-1",
  },
  (request) => request.method !== "HEAD" && regionOf(request) !== home,
  (request) =>
    failure(
      400,
      "AuthorizationHeaderMalformed",
      `The authorization header is malformed; the region '${regionOf(request)}' is wrong; expecting '${home}'`,
      { details: { Region: home }, headers: named },
    ),
);

const bareRefusals: Quirk = refusal(
  {
    name: "of a HEAD the refusal has no body: status and header have to do",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html",
    quote: "it returns a generic code, such as 400 Bad Request, 403 Forbidden, 404 Not Found",
  },
  (request) => request.method === "HEAD" && regionOf(request) !== home,
  () => ({ status: 400, headers: named }),
);

export const rules: readonly Quirk[] = [signedForAnother, bareRefusals];

const redirected = (status: number, code: string): Reply =>
  failure(status, code, "The bucket must be addressed using the specified endpoint.", {
    details: { Endpoint: `shapes.s3.${home}.amazonaws.com`, Bucket: "shapes" },
    headers: named,
  });

export const permanentRedirect: Quirk = moment(
  {
    name: "a bucket behind another endpoint is 301, without a Location",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ErrorCodeBilling.html",
    quote: "The bucket that you are attempting to access must be addressed using the specified endpoint",
  },
  () => redirected(301, "PermanentRedirect"),
);

export const temporaryRedirect: Quirk = moment(
  {
    name: "a bucket that is new is 307 elsewhere",
    source: "https://aws.amazon.com/premiumsupport/knowledge-center/s3-http-307-response/",
    quote: "you might receive the 307 Temporary Redirect response for requests to Regional endpoints",
  },
  () => redirected(307, "TemporaryRedirect"),
);

export const wrongLocation: Quirk = moment(
  {
    name: "regions of after 2019 do not redirect",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/API/UsingRouting.html",
    quote:
      "For all Regions that launched after March 20, 2019, … Amazon S3 returns an HTTP 400 Bad Request error",
  },
  // The code is that of https://github.com/boto/boto3/issues/2728.
  () =>
    failure(
      400,
      "IllegalLocationConstraintException",
      "The location constraint is incompatible for the region specific endpoint this request was sent to.",
      { headers: named },
    ),
);

export const bareForOtherReasons: Quirk = refusal(
  {
    name: "a HEAD is 400 without a word for other reasons too",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html",
    quote: "It's not possible to retrieve the exact exception of these error codes",
  },
  ({ method }) => method === "HEAD",
  () => ({ status: 400, headers: named }),
);

export const moments: readonly Quirk[] = [
  permanentRedirect,
  temporaryRedirect,
  wrongLocation,
  bareForOtherReasons,
];

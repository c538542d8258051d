import { moment, type Quirk } from "./quirk.ts";
import { failure } from "./replies.ts";

const said = (name: string, quote: string): Pick<Quirk, "name" | "source" | "quote"> => ({
  name,
  source: "https://docs.wasabi.com/docs/rest-api-introduction",
  quote,
});

export const tooManyRequests: Quirk = moment(
  said(
    "too many requests are 403",
    "RequestRateLimitExceeded: Your account exceeded the limit for {request_type} requests",
  ),
  () => failure(403, "RequestRateLimitExceeded", "Your account exceeded the limit for PUT requests."),
);

export const lockedOut: Quirk = moment(
  said(
    "too many wrong credentials are 403 for five minutes",
    "AuthenticationLockout: There have been too many attempts to access the account with the wrong credentials",
  ),
  () =>
    failure(403, "AuthenticationLockout", "There have been too many attempts. Try again in five minutes."),
);

export const accountProblem: Quirk = moment(
  said(
    "an account that is not active is 403",
    "StatusForbidden | … AccountNotActivated, AccountProblem | 403",
  ),
  () => failure(403, "AccountProblem", "There is a problem with your account."),
);

export const connectionClosed: Quirk = moment(
  said("a connection that broke inside is 410", "DisconnectError | ConnectionClosed | 410"),
  () => failure(410, "ConnectionClosed", "The connection was closed."),
);

export const unavailable: Quirk = moment(
  said("a pause has a code of its own", "Unavailable | Temporarily unavailable | 503"),
  () => failure(503, "Unavailable", "Temporarily unavailable"),
);

export const moments: readonly Quirk[] = [
  tooManyRequests,
  lockedOut,
  accountProblem,
  connectionClosed,
  unavailable,
];

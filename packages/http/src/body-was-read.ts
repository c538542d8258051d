import { ConfigurationError } from "@storage/core";

/** The order of middlewares is wrong, which is no mistake of the client's. */
export const bodyWasRead = (): ConfigurationError =>
  new ConfigurationError(
    "another middleware has read the body: call addStorage, and acceptUpload, before what reads bodies",
  );

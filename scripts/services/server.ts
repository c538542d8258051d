import type { S3Service, S3ServiceName } from "../s3-service.ts";
import type { ServerProcesses } from "./server-processes.ts";

export interface Server {
  readonly name: S3ServiceName;
  readonly isInstalled: () => boolean;
  /** Starts it, empty, on a free port of loopback, and waits until it answers. */
  readonly start: (processes: ServerProcesses) => Promise<S3Service>;
}

/** Who may use a server that we start. */
export const credentials = {
  accessKeyId: "test",
  secretAccessKey: "testsecret",
  region: "us-east-1",
} as const;

import { describe, expect, it } from "vitest";
import { expectAllMet, shapedBucket } from "./shaped-bucket.ts";
import {
  accountProblem,
  connectionClosed,
  lockedOut,
  moments,
  tooManyRequests,
  unavailable,
} from "./wasabi.ts";

describe("Wasabi", () => {
  it.each([
    [tooManyRequests, "RateLimited"],
    [connectionClosed, "Unavailable"],
    [unavailable, "Unavailable"],
  ])("$name: it is tried again, and then named", async (quirk, code) => {
    const { server, open } = await shapedBucket("wasabi");
    server.strike(quirk, 1);
    await open().put("key", "x");
    expect(server.operations).toEqual(["PutObject", "PutObject"]);
    server.strike(quirk, 1);
    const rejected = expect(open({ maxAttempts: 1 }).put("key", "x")).rejects;
    await rejected.toMatchObject({ code, retryable: true });
  });

  it.each([
    [lockedOut, "Unauthenticated", /wrong credentials/],
    [accountProblem, "PermissionDenied", /account/],
  ])("$name: it is named, and not tried again", async (quirk, code, message) => {
    const { server, open } = await shapedBucket("wasabi");
    server.strike(quirk, 1);
    await expect(open().put("key", "x")).rejects.toMatchObject({
      code,
      retryable: false,
      outcome: "not-applied",
      message: expect.stringMatching(message),
    });
    expect(server.seen.length).toBe(1);
  });

  it("has no quirk that these tests do not meet", () => expectAllMet(moments));
});

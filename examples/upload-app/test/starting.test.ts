import { once } from "node:events";
import { request } from "node:http";
import { MemoryBackend } from "@storage/memory";
import { expect, onTestFinished, test } from "vitest";
import { startApp } from "../app.ts";
import { frameworks } from "./site.ts";

test.each(frameworks)(
  "a request that comes before the %s app is ready is answered when it is",
  async (framework) => {
    const early = Promise.withResolvers<number | undefined>();
    const { close } = await startApp({
      framework,
      port: 0,
      storageFor: async (origin) => {
        const asking = request(`${origin}/_ops/health`, { headers: { expect: "100-continue" } });
        asking.on("response", (answer) => early.resolve(answer.resume().statusCode));
        asking.on("error", early.reject);
        asking.flushHeaders();
        await once(asking, "continue"); // the server has it
        asking.end();
        return new MemoryBackend({ secret: "of this test and no other" });
      },
    });
    onTestFinished(close);
    expect(await early.promise).toBe(200);
  },
);

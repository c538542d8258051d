import { describe, expect, onTestFinished, test } from "vitest";
import { available } from "../../../scripts/requirements.ts";
import { withBucket } from "../../s3/test/buckets.ts";
import { storageUnder } from "./surroundings.ts";

describe.skipIf(!available("minio"))("on minio, by the environment alone", () => {
  test.each(["STORAGE_S3_ACCESS_KEY STORAGE_S3_SECRET_KEY", "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"])(
    "easyStorage() puts and gets with %s",
    async (names) => {
      const { options, dispose } = await withBucket("minio");
      onTestFinished(dispose);
      const [id = "", secret = ""] = names.split(" ");
      const { storage, lines } = await storageUnder({
        STORAGE_S3_BUCKET: options.bucket,
        STORAGE_S3_ENDPOINT: options.endpoint,
        STORAGE_S3_REGION: options.region,
        [id]: options.accessKeyId,
        [secret]: options.secretAccessKey,
      });
      await storage.checkHealth();
      await storage.put("a b/π.txt", "hello", { metadata: { author: "ada" } });
      const { metadata } = await storage.getMetadata("a b/π.txt");
      expect(new TextDecoder().decode(await storage.get("a b/π.txt"))).toBe("hello");
      expect(metadata).toEqual({ author: "ada" });
      expect(await (await fetch(await storage.getUrl("a b/π.txt"))).text()).toBe("hello");
      expect(lines).toHaveLength(1);
      await storage.close();
    },
  );
});

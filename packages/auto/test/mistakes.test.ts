import { type BackendName, type EasyOptions, type Environment, easyStorage } from "@storage/auto";
import { describe, expect, test } from "vitest";

const bucket = { STORAGE_S3_BUCKET: "media" };
const others = (...names: readonly string[]): string =>
  `set it, or choose another backend with STORAGE_BACKEND (${names.join(", ")})`;

const secrets = ["hush-hush", "short secret"];

const triple = {
  STORAGE_BACKEND: "cloudinary",
  STORAGE_CLOUDINARY_CLOUD_NAME: "demo",
  STORAGE_CLOUDINARY_API_KEY: "1",
  STORAGE_CLOUDINARY_API_SECRET: "hush-hush",
};

const without = (env: Environment, ...names: readonly string[]): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));

describe("each variable's mistake has its own sentence", () => {
  test.each<[sentence: string, env: Environment]>([
    ['STORAGE_BACKEND names no backend with "memroy": did you mean memory?', { STORAGE_BACKEND: "memroy" }],
    ...["0", "604801", "-1", "1.5", "1h", "1e3", "99999999999999999999"].map(
      (value): [string, Environment] => [
        "STORAGE_URL_EXPIRATION is a whole number of seconds from 1 to 604800",
        { STORAGE_BACKEND: "memory", STORAGE_URL_EXPIRATION: value },
      ],
    ),
    ...["example.com/files", "/files", "ftp://example.com", "https://", "https://example.com?a=b"].map(
      (value): [string, Environment] => [
        "STORAGE_BASE_URL is https:// or http:// and a host, with or without a path: no query, no credentials",
        { STORAGE_BACKEND: "local", STORAGE_BASE_URL: value },
      ],
    ),
    ...["short secret", "ü".repeat(7)].map((value): [string, Environment] => [
      "STORAGE_URL_SECRET is too short to sign links: it has 16 bytes or more",
      { STORAGE_BACKEND: "memory", STORAGE_URL_SECRET: value },
    ]),
    [
      `STORAGE_BACKEND is s3, and the s3 backend needs STORAGE_S3_BUCKET: ${others("local", "gcs", "cloudinary", "memory")}`,
      { STORAGE_BACKEND: "s3" },
    ],
    [
      `AWS_ACCESS_KEY_ID is set, and the s3 backend needs STORAGE_S3_BUCKET: ${others("local", "gcs", "cloudinary", "memory")}`,
      { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "hush-hush", STORAGE_S3_BUCKET: "" },
    ],
    ...[
      "s3.example.com",
      "minio:9000",
      "//minio",
      "http://minio:90000",
      "https://key:hush-hush@s3.example.com",
    ].map((value): [string, Environment] => [
      "STORAGE_S3_ENDPOINT is https:// or http:// and a host, with or without a path: no query, no credentials",
      { ...bucket, STORAGE_S3_ENDPOINT: value },
    ]),
    [
      "STORAGE_S3_REGION is the name of a region, such as eu-west-1",
      { ...bucket, STORAGE_S3_REGION: "https://eu-west-1" },
    ],
    [
      "STORAGE_S3_ACCESS_KEY is set without STORAGE_S3_SECRET_KEY: set all of them, or none",
      { ...bucket, STORAGE_S3_ACCESS_KEY: "id" },
    ],
    [
      "STORAGE_S3_SECRET_KEY is set without STORAGE_S3_ACCESS_KEY: set all of them, or none",
      { ...bucket, STORAGE_S3_SECRET_KEY: "hush-hush", AWS_ACCESS_KEY_ID: "i", AWS_SECRET_ACCESS_KEY: "s" },
    ],
    [
      "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY: set all of them, or none",
      { ...bucket, AWS_ACCESS_KEY_ID: "id" },
    ],
    [
      "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID: set all of them, or none",
      { ...bucket, AWS_SECRET_ACCESS_KEY: "hush-hush" },
    ],
    [
      `GOOGLE_APPLICATION_CREDENTIALS is set, and the gcs backend needs STORAGE_GCS_BUCKET: ${others("local", "s3", "cloudinary", "memory")}`,
      { GOOGLE_APPLICATION_CREDENTIALS: "/key.json" },
    ],
    [
      "GOOGLE_APPLICATION_CREDENTIALS is the path of a JSON key, and no key itself: write it to a file",
      { GOOGLE_APPLICATION_CREDENTIALS: '{"private_key":"hush-hush"}', STORAGE_GCS_BUCKET: "media" },
    ],
    ...["https://hush-hush@demo", "cloudinary://1:hush-hush", "cloudinary://1@demo", "demo"].map(
      (value): [string, Environment] => [
        "CLOUDINARY_URL has another form than cloudinary://key:secret@cloud: copy it from Cloudinary's console",
        { CLOUDINARY_URL: value },
      ],
    ),
    [
      `STORAGE_BACKEND is cloudinary, and the cloudinary backend needs CLOUDINARY_URL: ${others("local", "s3", "gcs", "memory")}`,
      { STORAGE_BACKEND: "cloudinary" },
    ],
    [
      "STORAGE_CLOUDINARY_CLOUD_NAME and STORAGE_CLOUDINARY_API_KEY are set without STORAGE_CLOUDINARY_API_SECRET: set all of them, or none",
      without(triple, "STORAGE_CLOUDINARY_API_SECRET"),
    ],
    [
      "STORAGE_CLOUDINARY_API_SECRET is set without STORAGE_CLOUDINARY_CLOUD_NAME and STORAGE_CLOUDINARY_API_KEY: set all of them, or none",
      without(triple, "STORAGE_CLOUDINARY_API_KEY", "STORAGE_CLOUDINARY_CLOUD_NAME"),
    ],
  ])("%s", async (sentence, env) => {
    const failing = easyStorage({ env, log: () => undefined });
    await expect(failing).rejects.toMatchObject({ code: "Configuration", message: sentence });
    const shown = JSON.stringify(await failing.catch((error: unknown) => error));
    for (const secret of secrets) expect(shown).not.toContain(secret);
  });
});

describe("what the code asks for", () => {
  test.each<[name: string, options: object, sentence: string]>([
    ["s3", { bucket: "media", regoin: "eu-west-1" }, 'unknown option "regoin": did you mean region?'],
    ["local", { basepath: "/data" }, 'unknown option "basepath": did you mean basePath?'],
    ["memory", { maxByte: 1 }, 'unknown option "maxByte": did you mean maxBytes?'],
    ["gcs", { buket: "media" }, 'unknown option "buket": did you mean bucket?'],
    ["cloudinary", { cloudname: "demo" }, 'unknown option "cloudname": did you mean cloudName?'],
    ["memroy", {}, 'easyStorage names no backend with "memroy": did you mean memory?'],
    ["S3", {}, 'easyStorage names no backend with "S3": did you mean s3?'],
    [
      "cloudinary",
      { cloudName: "demo" },
      "cloudName, apiKey and apiSecret go together: give all of them, or none",
    ],
    [
      "s3",
      {},
      'easyStorage("s3") asks for it, and the s3 backend needs STORAGE_S3_BUCKET: set it or give it as an option, or name another backend (local, gcs, cloudinary, memory)',
    ],
  ])("%s with %j: %s", async (name, options, sentence) => {
    await expect(
      easyStorage(name as BackendName, options as EasyOptions[BackendName], { env: {} }),
    ).rejects.toMatchObject({ code: "Configuration", message: sentence });
  });

  test.each(["bucket", "environment"])("%s is no setting", async (name) => {
    const settings: object = { [name]: "media" };
    await expect(easyStorage(settings)).rejects.toMatchObject({
      code: "Configuration",
      message: `unknown setting "${name}": known are env, log; options go with a name, easyStorage("s3", { ... })`,
    });
  });
});

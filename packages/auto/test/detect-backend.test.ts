import { type BackendName, detectBackend } from "@storage/auto";
import { describe, expect, test } from "vitest";

/** In the order in which they decide. */
const triggers: readonly (readonly [variable: string, value: string, backend: BackendName])[] = [
  ["STORAGE_BACKEND", "cloudinary", "cloudinary"],
  ["RAILWAY_VOLUME_MOUNT_PATH", "/data", "local"],
  ["AWS_ACCESS_KEY_ID", "AKIDSECRET", "s3"],
  ["STORAGE_S3_BUCKET", "media", "s3"],
  ["GOOGLE_APPLICATION_CREDENTIALS", "/key.json", "gcs"],
  ["CLOUDINARY_URL", "cloudinary://key:SECRET@cloud", "cloudinary"],
];

const pairs = triggers.flatMap((first, place) => triggers.slice(place + 1).map((later) => [first, later]));

describe("detectBackend", () => {
  test.each(triggers)("%s alone decides", (variable, value, backend) => {
    expect(detectBackend({ [variable]: value })).toMatchObject({ backend, variable });
  });

  test.each(pairs.map(([first, later]) => [first?.[0], later?.[0], first, later] as const))(
    "%s goes before %s",
    (variable, _, first, later) => {
      const env = Object.fromEntries([later, first].map((it) => [it?.[0], it?.[1]]));
      expect(detectBackend(env)).toMatchObject({ backend: first?.[2], variable });
    },
  );

  test.each(triggers)("%s that is empty, or blank, is not set", (variable) => {
    for (const value of ["", " ", "\t"])
      expect(detectBackend({ [variable]: value, CLOUDINARY_URL: "cloudinary://a:b@c" })).toMatchObject(
        variable === "CLOUDINARY_URL" ? { backend: "cloudinary" } : { variable: "CLOUDINARY_URL" },
      );
    expect(detectBackend({ [variable]: "" }).backend).toBe("memory");
  });

  test("memory is what is left", () => {
    const reason = "no variable chooses a backend";
    expect(detectBackend({})).toEqual({ backend: "memory", reason });
    expect(detectBackend({ PATH: "/bin", NODE_ENV: "production" })).toEqual({ backend: "memory", reason });
  });

  test.each(["local", "s3", "gcs", "cloudinary", "memory"])(
    "STORAGE_BACKEND takes %s in any case",
    (name) => {
      for (const value of [name, name.toUpperCase(), ` ${name} `])
        expect(detectBackend({ STORAGE_BACKEND: value })).toEqual({
          backend: name,
          reason: `STORAGE_BACKEND is ${name}`,
          variable: "STORAGE_BACKEND",
        });
    },
  );

  test.each([
    ["memroy", "did you mean memory?"],
    ["Cloudnary", "did you mean cloudinary?"],
    ["gcp", "did you mean gcs?"],
    ["ftp", "known are local, s3, gcs, cloudinary, memory"],
    ["constructor", "known are local, s3, gcs, cloudinary, memory"],
  ])("STORAGE_BACKEND=%s is a mistake: %s", (value, advice) => {
    expect(() => detectBackend({ STORAGE_BACKEND: value, STORAGE_S3_BUCKET: "media" })).toThrow(
      expect.objectContaining({ code: "Configuration", message: expect.stringContaining(advice) }),
    );
  });

  test("the reason says which variable it was, and not its value", () => {
    for (const [variable, value] of triggers.slice(1))
      expect(detectBackend({ [variable]: value }).reason).toBe(`${variable} is set`);
  });
});

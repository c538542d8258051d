import type * as core from "@storage/core";
import { expectTypeOf, test } from "vitest";
import type { SignedParts, SignedUpload } from "../src/index.ts";

test("what getUploadUrl gives can be uploaded to, as it is", () => {
  expectTypeOf<core.SignedUpload>().toExtend<SignedUpload>();
  expectTypeOf<keyof SignedUpload>().toEqualTypeOf<keyof core.SignedUpload>();
  expectTypeOf<SignedParts>().toEqualTypeOf<core.SignedParts>();
});

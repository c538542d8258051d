import type {
  EasyLocalOptions,
  EasyMemoryOptions,
  EasyOptions,
  EasyS3Features,
  EasyS3Options,
} from "@storage/auto";
import type { BackendOptions } from "@storage/core";
import type { LocalBackendOptions } from "@storage/local";
import type { MemoryBackendOptions } from "@storage/memory";
import type { S3BackendOptions, S3Features } from "@storage/s3";
import { describe, expectTypeOf, test } from "vitest";

/** What is there of an SDK or of Node has a name of its own here: `object`. */
type Plain<Options, Foreign extends PropertyKey> = Omit<Options, Foreign>;

type MaybeLeftOut<Options, Name extends keyof Options> = Omit<Options, Name> & {
  readonly [Key in Name]?: Options[Key] | undefined;
};

describe("options by name are those of the provider", () => {
  test("memory", () => {
    expectTypeOf<EasyMemoryOptions>().toEqualTypeOf<MemoryBackendOptions>();
  });

  test("local, whose folder may come from a variable", () => {
    type Provider = MaybeLeftOut<Plain<LocalBackendOptions, "fs">, "basePath">;
    expectTypeOf<Plain<EasyLocalOptions, "fs">>().branded.toEqualTypeOf<Provider>();
    expectTypeOf<LocalBackendOptions>().toExtend<EasyLocalOptions>();
    expectTypeOf<keyof EasyLocalOptions>().toEqualTypeOf<keyof LocalBackendOptions>();
  });

  test("s3, whose bucket may come from a variable", () => {
    type Foreign = "client" | "agent";
    type Provider = MaybeLeftOut<Plain<S3BackendOptions, Foreign>, "bucket">;
    expectTypeOf<Plain<EasyS3Options, Foreign>>().branded.toEqualTypeOf<Provider>();
    expectTypeOf<S3BackendOptions>().toExtend<EasyS3Options>();
    expectTypeOf<keyof EasyS3Options>().toEqualTypeOf<keyof S3BackendOptions>();
    expectTypeOf<EasyS3Features>().toEqualTypeOf<S3Features>();
  });

  test("every backend's have those that all have", () => {
    expectTypeOf<EasyOptions[keyof EasyOptions]>().toExtend<BackendOptions>();
  });
});

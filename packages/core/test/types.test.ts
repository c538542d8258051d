import {
  Backend,
  type PutOptions,
  type PutResult,
  type StorageBackend,
  StorageError,
  type StorageErrorCode,
  type StoredObject,
} from "@storage/core";
import { expect, expectTypeOf, test } from "vitest";
import { MapDriver } from "./map-driver.ts";

declare module "@storage/core" {
  interface ProviderPutOptions {
    map?: { colour?: "red" | "blue" };
  }
}

test("a result of get is the body of a Response, as it is", async () => {
  const backend: StorageBackend = new Backend(new MapDriver());
  await backend.put("a", "x");
  expect(await new Response(await backend.get("a")).text()).toBe("x");
  expect(await new Response((await backend.open("a")).body).text()).toBe("x");
  expect(await new Blob([await backend.get("a")]).text()).toBe("x");
  expectTypeOf(backend.get("a")).resolves.toEqualTypeOf<Uint8Array<ArrayBuffer>>();
});

test("options may be undefined under exactOptionalPropertyTypes", async () => {
  const backend = new Backend(new MapDriver());
  const file = new File(["x"], "a.bin");
  const options: PutOptions = { contentType: file.type || undefined, size: file.size, signal: undefined };
  await backend.put("a.bin", file, options);
  await backend.get("a.bin", { range: undefined, ifMatch: undefined, maxBytes: undefined });
  await backend.listPage({ prefix: undefined, cursor: undefined, limit: undefined });
  expect((await backend.getMetadata("a.bin")).contentType).toBe("application/octet-stream");
});

test("a provider's options are typed once it has declared them", async () => {
  const backend = new Backend(new MapDriver());
  await backend.put("a", "x", { map: { colour: "red" } });
  // @ts-expect-error: green is none of them.
  await backend.put("a", "x", { map: { colour: "green" } });
});

test("is narrows an unknown error to its code", () => {
  const error: unknown = new StorageError("x");
  if (StorageError.is(error, "FileNotFound")) expectTypeOf(error.code).toEqualTypeOf<"FileNotFound">();
  if (StorageError.is(error)) expectTypeOf(error.code).toEqualTypeOf<StorageErrorCode>();
  expect(StorageError.is(error, "FileNotFound")).toBe(false);
});

test("results are typed as the contract has them", () => {
  expectTypeOf<PutResult["url"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<StoredObject["body"]>().toExtend<ReadableStream<Uint8Array>>();
  expectTypeOf<Backend>().toExtend<StorageBackend>();
});

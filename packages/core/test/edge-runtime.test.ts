import { EdgeVM } from "@edge-runtime/vm";
import { build } from "esbuild";
import { expect, test } from "vitest";

/** As an application for the edge would be: no Node, no `process`, WebCrypto only. */
const program = `
  import { Backend, StorageError, withPrefix } from "@storage/core";
  import { UrlSigner } from "@storage/core/url-signer";
  import { MapDriver, pieces } from "./map-driver.ts";

  globalThis.main = async () => {
    const driver = new MapDriver();
    const backend = new Backend(driver);
    const signer = new UrlSigner({ secret: "0123456789abcdef", mount: "m", backend: () => backend });
    Object.assign(driver, { signer, signUrl: (key, link) => signer.signUrl(key, link), signUpload: (key, link) => signer.signUpload(key, link) });
    const signed = new Backend(driver);
    const data = new TextEncoder().encode("body");
    const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const sha256 = hex(await crypto.subtle.digest("SHA-256", data));
    const put = await signed.put("ü.txt", data, { checksum: { sha256 } });
    await signed.put("s", pieces(data));
    const url = await signed.getUrl("ü.txt");
    const { key } = await signer.verify({ method: "GET", url });
    const codes = [];
    for (const attempt of [
      () => signer.verify({ method: "GET", url: url + "A" }),
      () => signed.put("c", pieces(data), { checksum: { sha256 } }),
      () => withPrefix(signed, "t/").get("missing"),
    ]) await attempt().catch((error) => codes.push(StorageError.is(error) ? error.code : String(error)));
    const text = await (await signed.open("s")).text();
    return JSON.stringify({ process: typeof process, url: typeof put.url, key, text, codes });
  };
`;

test("core loads, stores, signs and verifies in an edge runtime, which has no process", async () => {
  const bundled = await build({
    stdin: { contents: program, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    format: "iife",
    platform: "neutral",
    conditions: ["@storage/source"],
    write: false,
  });
  const edge = new EdgeVM();
  edge.evaluate(bundled.outputFiles[0]?.text ?? "");
  expect(JSON.parse(await edge.evaluate("main()"))).toEqual({
    process: "undefined",
    url: "undefined",
    key: "ü.txt",
    text: "body",
    codes: ["PermissionDenied", "NotSupported", "FileNotFound"],
  });
});

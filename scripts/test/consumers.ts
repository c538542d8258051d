// What an application does with a package; a package without an entry is imported and nothing more.

interface Consumer {
  readonly names: readonly string[];
  /** Statements that throw when it does not work, good both in TypeScript and in JavaScript. */
  readonly body: string;
  /** Packages of ours that are installed with it: what of its optional peers the application uses. */
  readonly beside?: readonly string[];
}

const roundTrip = (construction: string): string => `
const backend = ${construction};
await backend.put("a.txt", "hi");
const text = new TextDecoder().decode(await backend.get("a.txt"));
if (text !== "hi") throw new Error("got " + text);`;

/** What one entry throws is an instance of the other's class: there is one copy of the errors. */
const oneCopyOfErrors = `
const { UrlSigner } = space1;
const backend = () => { throw new Error("not asked for"); };
let thrown;
try {
  new UrlSigner({ secret: "short", mount: "m", backend });
} catch (error) {
  thrown = error;
}
if (!(thrown instanceof ConfigurationError)) throw new Error("got " + thrown);`;

/** Signs without a request, and then loads the SDK. */
const signedLink = `
const backend = new S3Backend({ bucket: "bucket", accessKeyId: "test", secretAccessKey: "test" });
const url = await backend.getUrl("a b.txt", { mustExist: false });
if (!url.startsWith("https://bucket.s3.us-east-1.amazonaws.com/a%20b.txt?")) throw new Error("got " + url);
const client = await backend.client();
if (typeof client.send !== "function") throw new Error("the SDK is not there");
await backend.close();`;

/** By the environment alone: one provider is there, and another one is not. */
const pickedByTheEnvironment = `
const log = () => undefined;
const pair = { STORAGE_S3_ACCESS_KEY: "test", STORAGE_S3_SECRET_KEY: "test" };
const backend = await easyStorage({ env: { STORAGE_S3_BUCKET: "bucket", ...pair }, log });
const url = await backend.getUrl("a b.txt", { mustExist: false });
if (!url.startsWith("https://bucket.s3.us-east-1.amazonaws.com/a%20b.txt?")) throw new Error("got " + url);
const named = await easyStorage("s3", { bucket: "bucket", region: "eu-west-1" }, { env: pair, log });
if (named.name !== "S3Backend") throw new Error("got " + named.name);
let thrown;
try {
  await easyStorage({ env: { STORAGE_BACKEND: "gcs", STORAGE_GCS_BUCKET: "bucket" }, log });
} catch (error) {
  thrown = error;
}
if (!/^MissingDependencyError: .* @storage.gcs$/.test(String(thrown))) throw new Error("got " + thrown);`;

/** Reads a form and knows a type, each by a library that is loaded then. */
const acceptedForm = `
const form = new FormData();
form.set("file", new Blob(["a,b"]), "a.csv");
const request = new Request("http://localhost/", { method: "POST", body: form });
const upload = await acceptUpload(request, { maxBytes: 10 });
if (upload.contentType !== "text/csv") throw new Error("got " + upload.contentType);`;

/** A route asks before there is a storage. */
const notConfigured = (request: string): Consumer => ({
  names: ["addStorage", "getStorage"],
  body: `
let thrown;
try {
  getStorage(${request});
} catch (error) {
  thrown = error;
}
if (!/call addStorage.app. first/.test(String(thrown))) throw new Error("got " + thrown);
if (typeof addStorage !== "function") throw new Error("there is no addStorage");`,
});

export const consumers: Readonly<Record<string, Consumer>> = {
  "@storage/core": { names: ["ConfigurationError"], body: oneCopyOfErrors },
  "@storage/memory": { names: ["MemoryBackend"], body: roundTrip("new MemoryBackend()") },
  "@storage/local": { names: ["LocalBackend"], body: roundTrip('new LocalBackend({ basePath: "uploads" })') },
  "@storage/s3": { names: ["S3Backend"], body: signedLink },
  "@storage/auto": { names: ["easyStorage"], body: pickedByTheEnvironment, beside: ["@storage/s3"] },
  "@storage/express": notConfigured("{}"),
  "@storage/fastify": notConfigured("{ server: {} }"),
  "@storage/hono": notConfigured("{ var: {} }"),
  "@storage/http": { names: ["acceptUpload"], body: acceptedForm },
};

/** What a provider's package brings along, and nothing else may. */
export const sdks: Readonly<Record<string, RegExp>> = {
  "@storage/s3": /^@(aws-sdk|smithy|aws-crypto)\//,
  "@storage/gcs": /^@google-cloud\//,
  "@storage/cloudinary": /^cloudinary$/,
};

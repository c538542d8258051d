import { expect, test } from "vitest";
import { type CorsOptions, type HttpAnswer, withCors } from "../src/index.ts";

const page = "https://app.example.com";

async function ask(
  cors: CorsOptions,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
  answer: HttpAnswer = { status: 200, headers: { etag: '"1"' }, body: "hello" },
): Promise<HttpAnswer> {
  const request = new Request("http://localhost:8000/files/a", { method });
  // A Fetch request refuses an Origin header of its own.
  const all = new Headers(headers);
  const { url, signal } = request;
  return await withCors(async () => answer, cors)({ method, url, signal, headers: all });
}

test("a page of an allowed origin reads the answer, and the headers of a file", async () => {
  const answer = await ask({ origins: [page] }, { headers: { origin: page } });
  expect(answer.status).toBe(200);
  expect(answer.headers).toEqual({
    etag: '"1"',
    vary: "Origin",
    "access-control-allow-origin": page,
    "access-control-expose-headers":
      "ETag, Accept-Ranges, Content-Range, Content-Disposition, Content-Encoding, Retry-After",
  });
});

test("a page of another origin is told nothing, and caches are told that it depends", async () => {
  for (const origin of [
    "https://evil.example.com",
    "http://app.example.com",
    "null",
    `${page}.evil.example`,
  ]) {
    const answer = await ask({ origins: [page] }, { headers: { origin } });
    expect(answer.headers).toEqual({ etag: '"1"', vary: "Origin" });
  }
  expect((await ask({ origins: [page] })).headers.vary).toBe("Origin");
});

test("every page may where origins is a star, and answers do not depend on who asks", async () => {
  for (const headers of [{ origin: page }, { origin: "null" }]) {
    const answer = await ask({ origins: "*" }, { headers });
    expect(answer.headers["access-control-allow-origin"]).toBe("*");
    expect(answer.headers.vary).toBeUndefined();
  }
});

test("no answer ever allows credentials", async () => {
  const preflight = { method: "OPTIONS", headers: { origin: page, "access-control-request-method": "PUT" } };
  for (const origins of ["*", [page]] as const) {
    for (const request of [{ headers: { origin: page } }, preflight]) {
      const { headers } = await ask({ origins }, request);
      expect(headers["access-control-allow-origin"]).toBe(origins === "*" ? "*" : page);
      expect(headers["access-control-allow-credentials"]).toBeUndefined();
    }
  }
});

test("a preflight is answered here, with what a link takes and for how long that holds", async () => {
  const headers = {
    origin: page,
    "access-control-request-method": "PUT",
    "access-control-request-headers": "content-type",
  };
  const answer = await ask({ origins: [page], maxAge: 60 }, { method: "OPTIONS", headers });
  expect(answer.status).toBe(204);
  expect(answer.body).toBeUndefined();
  expect(answer.headers).toMatchObject({
    "access-control-allow-origin": page,
    "access-control-allow-methods": "GET, HEAD, PUT, POST, DELETE",
    "access-control-max-age": "60",
    vary: "Origin",
  });
  expect(answer.headers["access-control-allow-headers"]?.toLowerCase().split(", ")).toEqual(
    expect.arrayContaining(["content-type", "range", "if-match", "if-none-match", "if-range"]),
  );
});

test("a preflight of another page gets no leave", async () => {
  const headers = { origin: "https://evil.example.com", "access-control-request-method": "PUT" };
  const answer = await ask({ origins: [page] }, { method: "OPTIONS", headers });
  expect([answer.status, answer.headers]).toEqual([204, { vary: "Origin" }]);
});

test("an OPTIONS that is no preflight goes to what stands behind", async () => {
  const answer = await ask({ origins: "*" }, { method: "OPTIONS", headers: { origin: page } });
  expect(answer.body).toBe("hello");
});

test("a refusal can be read by the page, too, and keeps what it varies by", async () => {
  const refusal = { status: 403, headers: { vary: "Accept" }, body: "{}" };
  const answer = await ask({ origins: [page] }, { headers: { origin: page } }, refusal);
  expect(answer).toMatchObject({
    status: 403,
    headers: { vary: "Accept, Origin", "access-control-allow-origin": page },
  });
});

test("a single origin that is no list is refused: a part of it would pass for it", () => {
  const origins: unknown = "https://app.example.com";
  const options: CorsOptions = Object.assign({ origins: "*" as const }, { origins });
  expect(() => withCors(async () => ({ status: 200, headers: {} }), options)).toThrow(
    expect.objectContaining({ code: "Configuration" }),
  );
});

test.each<[string, CorsOptions]>([
  ["a path", { origins: ["https://app.example.com/path"] }],
  ["a slash at the end", { origins: ["https://app.example.com/"] }],
  ["no scheme", { origins: ["app.example.com"] }],
  ["capitals, which browsers do not send", { origins: ["https://App.example.com"] }],
  ["a default port, which browsers do not send", { origins: ["https://app.example.com:443"] }],
  ["a star for a part", { origins: ["https://*.example.com"] }],
  ["a star among others", { origins: ["*"] }],
  ["a file", { origins: ["null"] }],
  ["a time that is none", { origins: "*", maxAge: -1 }],
  ["a part of a second", { origins: "*", maxAge: 0.5 }],
])("%s in the options is a ConfigurationError", (_what, options) => {
  expect(() => withCors(async () => ({ status: 200, headers: {} }), options)).toThrow(
    expect.objectContaining({ code: "Configuration" }),
  );
});

import { SourceFailedError, StorageError, TooLargeError } from "@storage/core";
import { describe, expect, test } from "vitest";
import { errorAnswer, HttpError, statusOf } from "../src/index.ts";

const request = { method: "GET", headers: { get: () => null } };
const teapot = new HttpError(418, "Teapot", "There is no coffee.");

describe("a refusal", () => {
  test("carries what Express, Fastify and Koa look at", () => {
    expect(teapot).toMatchObject({
      name: "HttpError",
      message: "There is no coffee.",
      status: 418,
      statusCode: 418,
      expose: true,
      code: "Teapot",
    });
    expect(statusOf(teapot)).toBe(418);
  });

  test("is known again from another copy of the package, and nothing else is taken for one", () => {
    const copy = Object.create(Error.prototype, {
      [Symbol.for("@storage/http-error/1")]: { value: true },
      status: { value: 418 },
    });
    expect([teapot, copy].map((error) => HttpError.is(error))).toEqual([true, true]);
    const others = [new Error("x"), new StorageError("x"), { status: 418 }, undefined, null, "418"];
    expect(others.filter((error) => HttpError.is(error))).toEqual([]);
    expect(statusOf(copy)).toBe(418);
  });

  test("is answered with its sentence and code, as JSON or as text", () => {
    const answer = errorAnswer(teapot, request);
    expect([answer.status, answer.body]).toEqual([418, '{"error":"Teapot","message":"There is no coffee."}']);
    const browser = { method: "GET", headers: new Headers({ accept: "text/html" }) };
    expect(errorAnswer(teapot, browser).body).toBe("There is no coffee. (Teapot)\n");
    expect(errorAnswer(teapot, { ...request, method: "HEAD" }).body).toBeUndefined();
  });
});

describe("a put whose body failed", () => {
  const failed = (cause: unknown): SourceFailedError => new SourceFailedError("x", { cause });

  test.each<[string, unknown, number, string]>([
    ["a refusal", teapot, 418, "Teapot"],
    ["an error of the library", new TooLargeError("x"), 413, "TooLarge"],
    ["another such put", failed(teapot), 418, "Teapot"],
    ["anything else", new Error("secret"), 500, "SourceFailed"],
    ["nothing that is known", undefined, 500, "SourceFailed"],
  ])("with %s is answered as that", (_what, cause, status, code) => {
    const error = failed(cause);
    expect(statusOf(error)).toBe(status);
    const answer = errorAnswer(error, request);
    expect(answer.status).toBe(status);
    expect(JSON.parse(String(answer.body)).error).toBe(code);
    expect(answer.body).not.toContain("secret");
  });
});

import { request } from "node:http";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of the answer as JSON; empty where it is none. */
  readonly json: Record<string, unknown>;
}

/** Sends a request and takes the whole answer. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: "manual", ...init });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : {},
  };
}

/** A form with text fields and, after them, a file. */
export function form(
  content: string | Uint8Array<ArrayBuffer>,
  name: string,
  fields: Readonly<Record<string, string>> = {},
): FormData {
  const data = new FormData();
  for (const [field, value] of Object.entries(fields)) data.append(field, value);
  data.append("file", new Blob([content]), name);
  return data;
}

/** A path as it stands, which `fetch` would tidy up. */
export function askAsIs(origin: string, method: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const sent = request({ hostname, port, method, path, headers: { host: `${hostname}:${port}` } });
    sent.once("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once("error", reject).end();
  });
}

export const boundary = "----a-boundary-of-the-test";
export const formType: string = `multipart/form-data; boundary=${boundary}`;

/** One part, byte for byte. */
export function part(headers: string, body: string | Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`),
    Buffer.from(body),
    Buffer.from("\r\n"),
  ]);
}

export const closing: Buffer = Buffer.from(`--${boundary}--\r\n`);

export const field = (name: string, value: string): Buffer =>
  part(`Content-Disposition: form-data; name="${name}"`, value);

export const filePart = (fileName: string, body: string | Uint8Array, name = "file"): Buffer =>
  part(
    `Content-Disposition: form-data; name="${name}"; filename="${fileName}"\r\nContent-Type: text/plain`,
    body,
  );

export const formOf = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, closing]);

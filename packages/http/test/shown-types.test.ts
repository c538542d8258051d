import { describe, expect, test } from "vitest";
import { raw, site } from "./site.ts";

const key = "dir/Größe.x";
const attachment = `attachment; filename="Gr__e.x"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.x`;

async function headersFor(contentType: string, inlinePdf?: boolean) {
  const { backend } = await site({ inlinePdf });
  await backend.put(key, "<script>alert(1)</script>", { contentType });
  return (await raw(await backend.getUrl(key))).headers;
}

describe("a type that a browser only shows is sent to be shown", () => {
  test.each([
    "image/png",
    "image/jpeg",
    "audio/mpeg",
    "video/mp4",
    "font/woff2",
    "text/plain",
    "text/plain; charset=utf-8",
    'text/plain; charset="utf-8"',
    "Text/CSV",
    "application/json",
  ])("%s", async (contentType) => {
    const headers = await headersFor(contentType);
    expect(headers["content-disposition"]).toBeUndefined();
    expect(headers["content-type"]).toBe(contentType);
    const media = /^(audio|video)/.test(contentType);
    expect(headers["content-security-policy"]).toMatch(media ? /^sandbox allow-same-origin;/ : /^sandbox;/);
  });
});

describe("a type that a browser would run is sent to be saved, under the name it has", () => {
  test.each([
    "text/html",
    "TEXT/HTML; charset=utf-8",
    "application/xhtml+xml",
    "image/svg+xml",
    "Image/SVG+XML",
    "text/xml",
    "application/xml",
    "text/xsl",
    "application/rss+xml",
    "text/javascript",
    "application/javascript",
    "application/pdf",
    "multipart/x-mixed-replace",
    "message/rfc822",
    "application/octet-stream",
    "application/x-unheard-of",
    // A browser takes the last type of a list.
    "image/png; x=y, text/html",
    'image/png; x="y", text/html',
    "image/png;,text/html",
    "video/mp4;,text/html",
  ])("%s", async (contentType) => {
    const headers = await headersFor(contentType);
    expect(headers["content-disposition"]).toBe(attachment);
    expect(headers["content-type"]).toBe(contentType);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["content-security-policy"]).toMatch(/^sandbox;/);
  });

  test("also when the link gives the type", async () => {
    const { backend } = await site();
    await backend.put("a.txt", "<script>");
    const link = await backend.getUrl("a.txt", { contentType: "text/html" });
    const { headers } = await raw(link);
    expect(headers["content-disposition"]).toMatch(/^attachment/);
  });

  test("also when the object was stored to be shown", async () => {
    const { backend } = await site();
    await backend.put("a.html", "<script>", { contentDisposition: "inline" });
    const { headers } = await raw(await backend.getUrl("a.html"));
    expect(headers["content-disposition"]).toMatch(/^attachment/);
  });
});

test("a stored disposition is sent where it is safe", async () => {
  const { backend } = await site();
  await backend.put("a.png", "x", { contentDisposition: 'inline; filename="b.png"' });
  await backend.put("a.html", "x", { contentDisposition: 'Attachment; filename="b.html"' });
  const sent = async (of: string) => (await raw(await backend.getUrl(of))).headers["content-disposition"];
  expect(await sent("a.png")).toBe('inline; filename="b.png"');
  expect(await sent("a.html")).toBe('Attachment; filename="b.html"');
});

describe("a PDF", () => {
  test("is shown where that is allowed", async () => {
    const headers = await headersFor("application/pdf", true);
    expect(headers["content-disposition"]).toBeUndefined();
    expect(headers["content-security-policy"]).toMatch(/^sandbox;/);
  });

  test("changes nothing for other types", async () => {
    const headers = await headersFor("text/html", true);
    expect(headers["content-disposition"]).toBe(attachment);
    expect(headers["content-security-policy"]).toMatch(/^sandbox;/);
  });
});

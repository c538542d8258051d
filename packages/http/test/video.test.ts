// A video element asks for the ranges that it thinks it needs, and goes away from what it does not need any more.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, openBrowser } from "../../../examples/upload-app/browser.ts";
import { available } from "../../../scripts/requirements.ts";
import { serveFiles, toNodeHandler } from "../src/index.ts";
import { colours, madeVideo, secondsOfEach } from "./made-video.ts";
import { backends, listening, secret } from "./site.ts";

const html = `<!doctype html><title>video</title><link rel="icon" href="data:,"><video muted preload="metadata"></video>
<script>
  const video = document.querySelector("video");
  const heard = (event, act) =>
    new Promise((resolve, reject) => {
      video.addEventListener(event, resolve, { once: true });
      video.addEventListener("error", () => reject(new Error(video.error.message)), { once: true });
      act();
    });
  const load = (url) => heard("canplaythrough", () => { video.src = url; });
  const seek = (time) => heard("seeked", () => { video.currentTime = time; });
  const playToTheEnd = () => heard("ended", () => video.play());
  /** Where it is, and what it shows in its middle. */
  function seen() {
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 1, 1, 0, 0, 1, 1);
    const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
    return { time: video.currentTime, red: red > 127, green: green > 127, blue: blue > 127 };
  }
</script>`;

type Asked = readonly [req: IncomingMessage, res: ServerResponse];

/** Of each, where the range begins that it asks for. */
const startOf = ([{ headers }]: Asked): number => Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1]);

function bytesSent(asked: readonly Asked[]): number {
  const sockets = [...new Set(asked.map(([{ socket }]) => socket))];
  return sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
}

/** The element reads ahead until it has enough; a seek that interrupts it may read on to where it wants to be. */
async function quiet(asked: readonly Asked[]): Promise<void> {
  for (let sent = -1; sent !== bytesSent(asked); await delay(500)) sent = bytesSent(asked);
}

describe.skipIf(!available("chromium"))("a video element of Chromium", () => {
  let browser: Browser;
  let page: Page;
  let file: Uint8Array;
  beforeAll(async () => {
    browser = await openBrowser();
    page = await browser.context.newPage();
    file = await madeVideo(page);
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  test.each(backends)("%s: goes to a place near the end without what lies before it", async (_name, make) => {
    const asked: Asked[] = [];
    const server = createServer();
    const origin = `http://127.0.0.1:${await listening(server)}`;
    await using backend = make({ baseUrl: `${origin}/files`, secret });
    const serve = toNodeHandler(serveFiles(backend));
    server.on("request", (req, res) => {
      if (req.url === "/") res.setHeader("content-type", "text/html").end(html);
      else {
        asked.push([req, res]);
        serve(req, res);
      }
    });
    await backend.put("a video.webm", file, { contentType: "video/webm" });
    await page.goto(origin);
    const call = async (text: string): Promise<unknown> => await page.evaluate(text);

    // A cache would have the request for the end wait for what it still writes of the first one.
    const link = await backend.getUrl("a video.webm", { cacheControl: "no-store" });
    await call(`load(${JSON.stringify(link)})`);
    const whole = colours.length * secondsOfEach;
    expect(await call("video.duration")).toBeCloseTo(whole, 3);

    await quiet(asked);

    await call(`seek(${whole - 1})`);
    expect(await call("seen()")).toEqual({ time: whole - 1, red: true, green: false, blue: true });
    expect(Math.max(...asked.map(startOf))).toBeGreaterThan(file.length * 0.9);
    expect(bytesSent(asked)).toBeLessThan(file.length / 2);

    await call("playToTheEnd()");
    expect(await call("video.currentTime")).toBeCloseTo(whole, 3);

    await call(`seek(${secondsOfEach * 2.5})`);
    expect(await call("seen()")).toMatchObject({ red: false, green: false, blue: true });
    const answered = asked.filter(([, { headersSent }]) => headersSent);
    expect(new Set(answered.map(([, { statusCode }]) => statusCode))).toEqual(new Set([206]));
  });
});

import {
  BufferTarget,
  EncodedPacket,
  EncodedVideoPacketSource,
  Output,
  type VideoCodec,
  WebMOutputFormat,
} from "mediabunny";
import type { Page } from "playwright-core";

/** Each is shown for as long as the others, one after the other. */
export const colours = ["red", "lime", "blue", "yellow", "magenta"] as const;
const framesOfEach = 260;
const framesPerSecond = 2;

/** How long a colour is shown. */
export const secondsOfEach: number = framesOfEach / framesPerSecond;

const [width, height] = [320, 240];

/**
 * Some 50 MB of WebM with an index: a square that tells the time, on noise that makes it large. Every frame is a
 * key frame, made by the browser of this page.
 */
export async function madeVideo(page: Page): Promise<Uint8Array> {
  const codec: VideoCodec = "vp8";
  const source = new EncodedVideoPacketSource(codec);
  const target = new BufferTarget();
  const output = new Output({ format: new WebMOutputFormat(), target });
  output.addVideoTrack(source);
  await output.start();
  const decoderConfig = { codec, codedWidth: width, codedHeight: height };
  let count = 0;
  for (const colour of colours) {
    const frame = await frameOf(page, colour);
    for (let turn = 0; turn < framesOfEach; turn++, count++) {
      const time = count / framesPerSecond;
      await source.add(new EncodedPacket(frame, "key", time, 1 / framesPerSecond), { decoderConfig });
    }
  }
  await output.finalize();
  return new Uint8Array(target.buffer ?? new ArrayBuffer());
}

/** A lossy WebP holds one key frame of VP8. */
async function frameOf(page: Page, colour: string): Promise<Buffer> {
  const picture = await page.evaluate(
    async ([shown, wide, high]) => {
      const canvas = new OffscreenCanvas(wide, high);
      const context = canvas.getContext("2d");
      if (context === null) throw new Error("there is no canvas");
      const noise = context.createImageData(wide, high);
      let state = 1;
      for (const index of noise.data.keys()) {
        state = (state * 48_271) % 2_147_483_647;
        noise.data[index] = index % 4 === 3 ? 255 : state % 256;
      }
      context.putImageData(noise, 0, 0);
      context.fillStyle = shown;
      context.fillRect(wide / 4, high / 4, wide / 2, high / 2);
      const blob = await canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
      return Array.from(new Uint8Array(await blob.arrayBuffer()));
    },
    [colour, width, height] as const,
  );
  return chunkOf(Buffer.from(picture), "VP8 ");
}

/** The content of a chunk of a RIFF file. */
function chunkOf(riff: Buffer, wanted: string): Buffer {
  for (let offset = 12; offset < riff.length; ) {
    const length = riff.readUInt32LE(offset + 4);
    const start = offset + 8;
    if (riff.toString("latin1", offset, offset + 4) === wanted) return riff.subarray(start, start + length);
    offset = start + length + (length % 2);
  }
  throw new Error(`there is no ${wanted} in it`);
}

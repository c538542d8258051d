import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { INestApplication } from "@nestjs/common";
import { Test } from "@nestjs/testing";
import { LocalBackend } from "@storage/local";
import request from "supertest";
import type { App } from "supertest/types";
import { AppModule } from "../src/app.module";
import { configure } from "../src/configure";
import { STORAGE } from "../src/storage";

/** One pixel. */
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

describe("avatars (e2e)", () => {
  const basePath = mkdtempSync(join(tmpdir(), "nest-app-"));
  let app: INestApplication<App>;

  beforeAll(async () => {
    const storage = new LocalBackend({ basePath, secret: "a secret of a test, long enough" });
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(STORAGE)
      .useValue(storage)
      .compile();
    app = module.createNestApplication();
    await configure(app);
    await app.init();
  });

  afterAll(async () => {
    await app.close();
    rmSync(basePath, { recursive: true });
  });

  it("is healthy", () => request(app.getHttpServer()).get("/_ops/health").expect(200));

  it("stores a picture and serves it by its link", async () => {
    const server = app.getHttpServer();
    await request(server)
      .post("/avatars/ada")
      .attach("file", png, "me.png")
      .expect(201, { key: "avatars/ada", size: png.length, contentType: "image/png" });
    const { body } = await request(server).get("/avatars/ada").expect(200);
    const { pathname, search } = new URL(body.url);
    const picture = await request(server)
      .get(pathname + search)
      .expect(200);
    expect(picture.body).toEqual(png);
    expect(picture.headers["content-type"]).toBe("image/png");
  });

  it("refuses what is no picture, and stores nothing", async () => {
    const { body } = await request(app.getHttpServer())
      .post("/avatars/eve")
      .attach("file", Buffer.from("<script>alert(1)</script>"), {
        filename: "me.png",
        contentType: "image/png",
      })
      .expect(415);
    expect(body.error).toBe("UnsupportedType");
    expect(readdirSync(join(basePath, "avatars"))).toEqual(["ada"]);
  });

  it("refuses a form without a picture", () =>
    request(app.getHttpServer()).post("/avatars/eve").field("title", "me").expect(400));

  it("refuses what is too large", () =>
    request(app.getHttpServer())
      .post("/avatars/eve")
      .attach("file", Buffer.concat([png, Buffer.alloc(3 * 1024 * 1024)]), "me.png")
      .expect(413));

  it("answers 404 for a picture that is not there", () =>
    request(app.getHttpServer()).get("/avatars/nobody").expect(404));
});

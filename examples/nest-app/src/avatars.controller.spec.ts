import { Test } from "@nestjs/testing";
import { MemoryBackend } from "@storage/memory";
import { AvatarsController } from "./avatars.controller";
import { STORAGE } from "./storage";

describe("AvatarsController", () => {
  const storage = new MemoryBackend({ secret: "a secret of a test, long enough" });
  let avatars: AvatarsController;

  beforeEach(async () => {
    storage.clear();
    const module = await Test.createTestingModule({
      controllers: [AvatarsController],
      providers: [{ provide: STORAGE, useValue: storage }],
    }).compile();
    avatars = module.get(AvatarsController);
  });

  it("gives a signed link to what is stored", async () => {
    await storage.put("avatars/ada", "a picture");
    const { url } = await avatars.link("ada");
    expect(url).toMatch(/^http:\/\/localhost:8000\/files\/avatars\/ada\?expires=\d+&signature=/);
  });

  it("deletes", async () => {
    await storage.put("avatars/ada", "a picture");
    await avatars.remove("ada");
    expect(await storage.exists("avatars/ada")).toBe(false);
  });
});

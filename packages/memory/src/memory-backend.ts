import { Backend, type BackendOptions, ConfigurationError, checkOptionNames } from "@storage/core";
import { MemoryDriver } from "./driver.ts";
import { Room } from "./room.ts";

export interface MemoryBackendOptions extends BackendOptions {
  /** Bytes of all bodies together, parts of uploads too; a put past it is a QuotaExceededError. Default: no limit. */
  readonly maxBytes?: number | undefined;
  /** Where a handler serves the files. Default: http://localhost:8000/files. */
  readonly baseUrl?: string | undefined;
  /** At least 16 bytes; the first of several signs, all verify. Default: a random one, with a warning. */
  readonly secret?: string | readonly string[] | undefined;
}

/** Of objects alone: parts of uploads, which count in `maxBytes` too, are none until they are put together. */
export interface MemoryStats {
  readonly objects: number;
  /** Of all bodies together. */
  readonly bytes: number;
}

const optionNames = ["maxBytes", "baseUrl", "secret"];

/**
 * Objects in the memory of this process, gone with it: for tests, and for what need not last. Bytes
 * are copied in and out.
 */
export class MemoryBackend extends Backend {
  readonly #driver: MemoryDriver;

  /** @throws ConfigurationError for an option that is unknown or makes no sense. */
  constructor(options: MemoryBackendOptions = {}) {
    checkOptionNames(options, optionNames);
    const { maxBytes = Number.POSITIVE_INFINITY } = options;
    if (typeof maxBytes !== "number" || !(maxBytes >= 0))
      throw new ConfigurationError("maxBytes is a number of bytes, 0 or more");
    // Memory answers at once: a clock for each call would cost a fifth of it.
    const timeouts = { ...options.timeouts, headers: options.timeouts?.headers ?? 0 };
    const settings = { ...options, timeouts };
    const room = new Room(maxBytes);
    const driver = new MemoryDriver({ ...options, room, backend: () => this, withParts: settings });
    super(driver, settings);
    this.#driver = driver;
  }

  /** Removes every object, and the parts of uploads. */
  clear(): void {
    this.#driver.clear();
  }

  stats(): MemoryStats {
    return this.#driver.stats();
  }
}

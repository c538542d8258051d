import { Attempts, type BackendOptions, type Sending } from "./attempts.ts";
import { writeId } from "./attributes.ts";
import { boundDriver } from "./bound-driver.ts";
import { resolveRange } from "./ranges.ts";
import { ReceivedBody } from "./received-body.ts";
import { SentBody } from "./sent-body.ts";
import type {
  Attributes,
  Body,
  Call,
  DriverOperation,
  ReadCall,
  ReadResult,
  StorageDriver,
  WriteCall,
  WriteFacts,
} from "./storage-driver.ts";
import { StorageError } from "./storage-error.ts";
import { IntegrityError } from "./storage-errors.ts";

/**
 * A driver that does I/O, under core's retries, slots, time-outs and events, its errors classified and
 * its bodies made whole: what `driverOf` gives to layers.
 */
export function leaf(driver: StorageDriver, options: BackendOptions): StorageDriver {
  const attempts = new Attempts(driver, options);
  const run: Run = (operation, key, call, work) =>
    attempts.run({ operation, key, call }, (inner) => work({ ...call, ...inner }));
  return {
    name: driver.name,
    features: driver.features,
    limits: driver.limits,
    signer: driver.signer,
    urlExpiresIn: options.urlExpiresIn,
    write: (key, body, attributes, call) => write({ driver, attempts, key, call }, body, attributes),
    read: (key, call) => read({ driver, attempts, key, call }),
    head: (key, call) => run("head", key, call, (inner) => driver.head(key, inner)),
    remove: (key, call) => run("remove", key, call, (inner) => driver.remove(key, inner)),
    list: (call) => run("list", undefined, call, (inner) => driver.list(inner)),
    ...shortcuts(boundDriver(driver), attempts, run),
    close: async () => {
      attempts.close();
      await driver.close?.();
    },
  };
}

/** A call with what its method adds to it, under core's attempts. */
type Run = <C extends Call, T>(
  operation: DriverOperation,
  key: string | undefined,
  call: C,
  work: (call: C) => Promise<T>,
) => Promise<T>;

function shortcuts(driver: StorageDriver, attempts: Attempts, run: Run): Partial<StorageDriver> {
  const { removeMany, copy, move, signUrl, signUpload, checkHealth, sweep } = driver;
  return {
    removeMany:
      removeMany &&
      (async (keys, call) => {
        const causes = await run("remove", undefined, call, (inner) => removeMany(keys, inner));
        return failures(attempts, causes);
      }),
    copy:
      copy && ((source, target, call) => run("copy", source, call, (inner) => copy(source, target, inner))),
    move:
      move && ((source, target, call) => run("copy", source, call, (inner) => move(source, target, inner))),
    signUrl:
      signUrl &&
      ((key, link) => {
        const signed = signUrl(key, link);
        return typeof signed === "string" ? signed : (call) => run("sign", key, call, signed);
      }),
    signUpload: signUpload && ((key, link) => run("sign", key, link, (inner) => signUpload(key, inner))),
    checkHealth: checkHealth && ((call) => run("health", undefined, call, checkHealth)),
    sweep: sweep && ((call) => run("sweep", undefined, call, sweep)),
  };
}

interface Leaf<C extends Call> {
  readonly driver: StorageDriver;
  readonly attempts: Attempts;
  readonly key: string;
  readonly call: C;
}

async function write(leaf: Leaf<WriteCall>, body: Body, attributes: Attributes): Promise<WriteFacts> {
  const { driver, attempts, key, call } = leaf;
  const sent = new SentBody(body);
  const id = isConditional(call) ? crypto.randomUUID() : "";
  const marked =
    id !== "" ? { ...attributes, internal: { ...attributes.internal, [writeId]: id } } : attributes;
  const sending: Sending = {
    operation: "write",
    key,
    call,
    bytes: () => sent.bytes,
    repeatable: () => !sent.started,
  };
  let requests = 0;
  try {
    const facts = await attempts.run(sending, (inner, request) => {
      requests++;
      const piece = sent.under(request, attempts.idle, (bytes) => attempts.patience(bytes));
      return driver.write(key, piece, marked, { ...call, ...inner });
    });
    if (facts.size === sent.bytes) return facts;
  } catch (error) {
    if (sent.failure !== undefined && !call.signal.aborted) throw sent.failure.cause;
    if (requests === 1 || id === "") throw error;
    return await settle(leaf, error, id);
  }
  throw new IntegrityError(`the service did not store the ${sent.bytes} bytes that were sent`);
}

function isConditional({ ifMatch, ifNoneMatch }: WriteCall): boolean {
  return ifMatch !== undefined || ifNoneMatch !== undefined;
}

/** A condition that fails after a lost reply may have been met by ourselves: the write id tells. */
async function settle(leaf: Leaf<WriteCall>, error: unknown, id: string): Promise<WriteFacts> {
  if (!StorageError.is(error, "PreconditionFailed")) throw error;
  const { driver, attempts, key, call } = leaf;
  const facts = await attempts.run({ operation: "head", key, call }, (inner) => driver.head(key, inner));
  if (facts.internal[writeId] !== id) throw error;
  return facts;
}

async function read(leaf: Leaf<ReadCall>): Promise<ReadResult> {
  const { driver, attempts, key, call } = leaf;
  const sending = { operation: "read", key, call } as const;
  const { value, request } = await attempts.open(sending, (inner) => driver.read(key, { ...call, ...inner }));
  const { facts, body } = value;
  const range =
    value.range ??
    (call.range === undefined ? { start: 0, end: facts.size } : resolveRange(call.range, facts.size));
  const whole = { facts, range: call.range === undefined ? undefined : range };
  if (body.bytes === undefined) {
    const reading = { driver, attempts, sending, etag: facts.etag, range };
    const stream = new ReceivedBody(reading, body, request);
    return { ...whole, body: { stream, size: range.end - range.start } };
  }
  request.end();
  if (body.bytes.length === range.end - range.start) return { ...whole, body };
  throw new IntegrityError(`${range.end - range.start} bytes were announced, and ${body.bytes.length} came`);
}

function failures(
  attempts: Attempts,
  causes: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, StorageError> {
  const end = { sent: true, aborted: undefined, timedOut: undefined };
  return new Map([...causes].map(([key, cause]) => [key, attempts.failure("remove", cause, end)]));
}

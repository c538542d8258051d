// What somebody else writes against our tarballs: an adapter, and its tests, in an empty project.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packAll, root, run } from "../public-packages.ts";
import { installInto } from "./empty-project.ts";

const example = join(root, "examples/custom-adapter");
const textOf = (file: string): string => readFileSync(join(example, file), "utf8");
const work = mkdtempSync(join(tmpdir(), "storage-adapter-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

let tarballs: ReadonlyMap<string, string>;
beforeAll(() => {
  tarballs = packAll(join(work, "tarballs"));
}, 240_000);

function typecheck(project: string): string {
  return run("tsc", ["-p", ".", "--typeRoots", join(root, "node_modules/@types")], project);
}

interface Outcome {
  readonly run: number;
  readonly passed: number;
  readonly skipped: number;
  /** How many cases each reason left out. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** What `node --test` says of a file, read from its TAP report; it throws, with the failures, where a test fails. */
function nodeTest(project: string, file: string): Outcome {
  const forPeople = ["--test-reporter=dot", "--test-reporter-destination=stdout"];
  const forUs = ["--test-reporter=tap", "--test-reporter-destination=report.tap"];
  run(process.execPath, ["--test", ...forPeople, ...forUs, file], project);
  const report = readFileSync(join(project, "report.tap"), "utf8");
  const total = (name: string): number => Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(report)?.[1]);
  const reasons: Record<string, number> = {};
  for (const [, reason = ""] of report.matchAll(/^ *ok \d+ - .* # SKIP ?(.*)$/gm))
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  return { run: total("tests"), passed: total("pass"), skipped: total("skipped"), reasons };
}

/** Counted, and shown in the run's output. */
function tell(name: string, { run: all, passed, skipped, reasons }: Outcome): void {
  const why = Object.entries(reasons).map(([reason, count]) => `${count} x ${reason}`);
  console.log(`${name}: ${all} cases, ${passed} passed, ${skipped} skipped (${why.join(", ")})`);
}

function expectGreen({ run: all, passed, skipped, reasons }: Outcome): void {
  expect(passed).toBeGreaterThan(300);
  expect(passed + skipped).toBe(all);
  expect(Object.keys(reasons)).not.toContain("");
  expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(skipped);
}

describe("an adapter of somebody else's", () => {
  const project = join(work, "custom-adapter");
  const adapter = textOf("sqlite-backend.ts");
  beforeAll(() => {
    cpSync(example, project, { recursive: true, filter: (path) => !path.includes("node_modules") });
    installInto(project, tarballs, ["@storage/core", "@storage/testing"]);
  }, 120_000);

  test("has at most 100 lines, as many as its README says", () => {
    const lines = adapter.trimEnd().split("\n").length;
    console.log(`sqlite-backend.ts: ${lines} lines`);
    expect(lines).toBeLessThanOrEqual(100);
    expect(textOf("README.md")).toContain(`| \`sqlite-backend.ts\` | ${lines} |`);
  });

  test("is what CONTRIBUTING.md writes step by step", () => {
    const section = readFileSync(join(root, "CONTRIBUTING.md"), "utf8").split(
      "## An adapter of your own\n",
    )[1];
    const steps = [...(section ?? "").matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
    expect(steps.length).toBeGreaterThan(5);
    expect(steps.filter((code) => !`${adapter}${textOf("sqlite-backend.test.ts")}`.includes(code))).toEqual(
      [],
    );
    expect(section?.trimEnd().split("\n").length).toBeLessThan(100);
  });

  test("compiles against our types", () => {
    expect(typecheck(project)).toBe("");
  });

  test("passes the whole suite under node:test", { timeout: 300_000 }, () => {
    const outcome = nodeTest(project, "sqlite-backend.test.ts");
    tell("SqliteBackend", outcome);
    expectGreen(outcome);
  });
});

test("an empty project runs the suite over a backend of ours under node:test", { timeout: 300_000 }, () => {
  const project = join(work, "memory");
  const names = ["@storage/core", "@storage/http", "@storage/memory", "@storage/testing"];
  installInto(project, tarballs, names);
  writeFileSync(
    join(project, "memory.test.ts"),
    `import { describe, test } from "node:test";
import { serveFiles, toFetchHandler } from "@storage/http";
import { MemoryBackend } from "@storage/memory";
import { runConformance } from "@storage/testing";

const open = () => {
  const backend = new MemoryBackend({ secret: "a secret of the tests" });
  return { backend, fetch: toFetchHandler(serveFiles(backend)) };
};
runConformance({ describe, test }, { open });
`,
  );
  writeFileSync(join(project, "tsconfig.json"), textOf("tsconfig.json"));
  expect(typecheck(project)).toBe("");
  const outcome = nodeTest(project, "memory.test.ts");
  tell("MemoryBackend", outcome);
  expectGreen(outcome);
});

// The whole suite, once, with a report for people and one for programs (.reports/tests.json); then
// what this machine did not have, and the tests that were skipped for it.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { available, hintFor, type RequirementName, requiredNames, requirementNames } from "./requirements.ts";
import { runCommand } from "./run-command.ts";

interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const reportPath = ".reports/tests.json";

function runVitest(): Promise<number> {
  rmSync(reportPath, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportPath}`];
  const vitest = ["node_modules/vitest/vitest.mjs", "run", ...reporters, ...process.argv.slice(2)];
  return runCommand("node", vitest);
}

/** Of a file that needs several, a test that names one of them is skipped for that one. */
const namesAnother = (test: string, name: RequirementName): boolean =>
  !test.includes(name) && requirementNames.some((other) => test.includes(other));

function skippedFor(name: RequirementName, report: TestReport): readonly string[] {
  return report.testResults
    .filter((file) => {
      const source = readFileSync(file.name, "utf8");
      return source.includes("available(") && source.includes(`"${name}"`);
    })
    .flatMap((file) =>
      file.assertionResults
        .filter(({ status }) => status !== "passed" && status !== "failed")
        .filter(({ fullName }) => !namesAnother(fullName, name))
        .map((result) => `${relative(".", file.name)}: ${result.fullName}`),
    );
}

function tellWhatWasAbsent(): void {
  const absent = requirementNames.filter((name) => !available(name));
  if (absent.length === 0 || !existsSync(reportPath)) return;
  const report = JSON.parse(readFileSync(reportPath, "utf8")) as TestReport;
  console.log("Not available here:");
  for (const name of absent) {
    const skipped = skippedFor(name, report);
    console.log(`  ${name} (${hintFor(name)}): ${skipped.length} tests skipped`);
    for (const test of skipped) console.log(`    ${test}`);
  }
}

try {
  for (const name of requiredNames()) available(name);
  process.exitCode = await runVitest();
  tellWhatWasAbsent();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

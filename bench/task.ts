/** Of a child: what it was asked, and what it answers. */
export function taskOf<Task>(): Task {
  return JSON.parse(process.argv[2] ?? "{}");
}

/** The last word: a library may keep its connections for half a minute more. */
export function answer(value: unknown): void {
  process.stdout.write(JSON.stringify(value), () => process.exit());
}

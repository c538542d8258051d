/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Empty, or nothing but blanks, means unset. */
export function readVariable(env: Environment, variable: string): string | undefined {
  const value = env[variable];
  return value?.trim() ? value : undefined;
}

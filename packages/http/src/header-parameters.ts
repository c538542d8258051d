/** A value with its parameters, as `Content-Type` and `Content-Disposition` have them. */
export interface HeaderParameters {
  /** In lower case: "form-data". */
  readonly value: string;
  /** By their names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const parameter = /;[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:"((?:\\"|[^"])*)"|([^\s;"]*))[ \t]*/g;

/** Undefined for what is malformed, or says one thing twice: two readers could take it for two things. */
export function headerParameters(header: string): HeaderParameters | undefined {
  const parameters = new Map<string, string>();
  let count = 0;
  const rest = header.replace(parameter, (_all, name: string, quoted?: string, plain?: string) => {
    count++;
    parameters.set(name.toLowerCase(), quoted ?? plain ?? "");
    return "";
  });
  const value = rest.trim().toLowerCase();
  return parameters.size === count && /^[\w!#$%&'*+.^`|~/-]+$/.test(value)
    ? { value, parameters }
    : undefined;
}

/**
 * The name of a file as its sender wrote it; undefined for none. Browsers write a quotation mark as
 * `%22`, others as `\"`; a backslash before anything else is part of a Windows path.
 */
export function fileNameOf({ parameters }: HeaderParameters): string | undefined {
  const [, encoded] = /^utf-8'[^']*'(.*)$/i.exec(parameters.get("filename*") ?? "") ?? [];
  return decoded(encoded) ?? parameters.get("filename")?.replace(/\\"|%22/g, '"');
}

function decoded(encoded: string | undefined): string | undefined {
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

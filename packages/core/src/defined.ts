/** Without what is undefined: a field that is not set is not there, and its type has it optional. */
export function defined<Fields extends object>(fields: Fields): Fields {
  const kept = {} as Fields;
  for (const name in fields) if (fields[name] !== undefined) kept[name] = fields[name];
  return kept;
}

/** Without what is undefined: a field that is not set is not there. */
export function defined<Fields extends object>(fields: Fields): Fields {
  for (const [name, value] of Object.entries(fields))
    if (value === undefined) Reflect.deleteProperty(fields, name);
  return fields;
}

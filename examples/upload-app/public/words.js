const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** In powers of 1000, as the system's own file manager shows it. */
export function sizeInWords(bytes) {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const style = { style: "unit", unit: units[power], unitDisplay: power === 0 ? "long" : "short" };
  return (bytes / 1000 ** power).toLocaleString("en", { ...style, maximumSignificantDigits: 3 });
}

/** With the time while it is of this year, else with the year. */
export function dateInWords(date) {
  const day = { day: "numeric", month: "short" };
  const recent = date.getFullYear() === new Date().getFullYear();
  const rest = recent ? { hour: "numeric", minute: "2-digit" } : { year: "numeric" };
  return date.toLocaleString("en", { ...day, ...rest });
}

/** "PDF" of "report.pdf"; nothing of a name without an extension, or with a long one. */
export function extensionOf(name) {
  return /[^.]\.([a-z0-9]{1,4})$/i.exec(name)?.[1].toUpperCase() ?? "";
}

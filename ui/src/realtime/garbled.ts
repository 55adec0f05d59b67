/** Something came that is not what it should be: a proxy that talks in between, or a program that is not specd. */
export class Garbled extends Error {
  constructor(expected: string, got: unknown) {
    const text = (typeof got === "string" ? got : JSON.stringify(got)) ?? String(got);
    super(`expected ${expected}, got ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`);
    this.name = "Garbled";
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON whose outermost value is an object. */
export function parseRecord(text: string, expected: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Garbled(expected, text);
  }
  if (!isRecord(value)) throw new Garbled(expected, text);
  return value;
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Readers of JSON whose shape is not to be trusted: a value of another type is unknown.

export type Fields = Record<string, unknown>;

export function fields(v: unknown): Fields {
  return typeof v === "object" && v !== null && !Array.isArray(v) ? (v as Fields) : {};
}

export function list(v: unknown): unknown[] {
  return Array.isArray(v) ? v : [];
}

export function number(v: unknown): number | undefined {
  return typeof v === "number" && Number.isFinite(v) ? v : undefined;
}

/** A duration: a number that is not negative. */
export function duration(v: unknown): number | undefined {
  const n = number(v);
  return n !== undefined && n >= 0 ? n : undefined;
}

export function text(v: unknown): string | undefined {
  if (typeof v === "string") return v === "" ? undefined : v;
  return typeof v === "number" ? String(v) : undefined;
}

export function texts(v: unknown): string[] {
  return list(v).flatMap((each) => text(each) ?? []);
}

export function attributes(v: unknown): Fields | undefined {
  const found = fields(v);
  return Object.keys(found).length > 0 ? found : undefined;
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import type { Money } from "./model";

/** Writes a duration in seconds as a person reads it: 0.85 is "850 ms", 75 is "1:15". */
export function seconds(s: number | undefined): string {
  if (s === undefined) return "–";
  const sign = s < 0 ? "−" : "";
  const v = Math.abs(s);
  if (v === 0) return "0 ms";
  if (v < 0.001) return `${sign}${(v * 1000).toFixed(2)} ms`;
  if (v < 0.9995) return `${sign}${Math.round(v * 1000)} ms`;
  if (v < 9.995) return `${sign}${v.toFixed(2)} s`;
  if (v < 59.95) return `${sign}${v.toFixed(1)} s`;
  return sign + clock(v);
}

/** Writes a position in a call: 75.5 is "1:15.5" if digits is 1. */
export function clock(s: number, digits = 0): string {
  const unit = 10 ** digits;
  let rest = Math.round(Math.abs(s) * unit);
  const sign = s < 0 && rest > 0 ? "−" : "";
  const perMinute = 60 * unit;
  const hours = Math.floor(rest / (60 * perMinute));
  rest -= hours * 60 * perMinute;
  const minutes = Math.floor(rest / perMinute);
  rest -= minutes * perMinute;
  const tail = (rest / unit).toFixed(digits).padStart(digits === 0 ? 2 : 3 + digits, "0");
  return hours > 0 ? `${sign}${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${sign}${minutes}:${tail}`;
}

/** Writes an instant in the reader's time zone. */
export function instant(iso: string | undefined): string {
  const at = new Date(iso ?? "");
  if (Number.isNaN(at.getTime())) return "–";
  const two = (n: number) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function money(m: Money | undefined): string {
  if (!m) return "–";
  const small = m.amount !== 0 && Math.abs(m.amount) < 0.01;
  const amount = small ? Number(m.amount.toPrecision(2)).toString() : m.amount.toFixed(Math.abs(m.amount) < 1 ? 4 : 2);
  return m.currency ? `${amount} ${visible(m.currency, 12)}` : amount;
}

export function percent(part: number | undefined, digits = 0): string {
  return part === undefined ? "–" : `${part < 0 ? "−" : ""}${Math.abs(part * 100).toFixed(digits)} %`;
}

export function count(n: number | undefined): string {
  return n === undefined ? "–" : String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function bytes(n: number | undefined): string {
  if (n === undefined) return "–";
  if (n < 1024) return `${n} B`;
  if (n < 1 << 20) return `${(n / 1024).toFixed(1)} KiB`;
  return n < 1 << 30 ? `${(n / (1 << 20)).toFixed(1)} MiB` : `${(n / (1 << 30)).toFixed(2)} GiB`;
}

// Controls, marks of direction and other characters that change how the text around them is shown.
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * Makes a text from outside safe to show: characters that nobody can see, or that turn the direction of the text,
 * are shown as their numbers, and a long text is cut, with a word on how long it is.
 */
export function visible(s: string | undefined, max = 200): string {
  if (s === undefined) return "";
  const long = s.length > max;
  let head = long ? s.slice(0, max) : s;
  if (long && /[\ud800-\udbff]$/.test(head)) head = head.slice(0, -1);
  head = head.replace(unseen, (c) => `‹U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`);
  return long ? `${head}… (${count(s.length)} characters)` : head;
}

/** Writes the value of an attribute. */
export function value(v: unknown, max = 4000): string {
  if (typeof v === "string") return visible(v, max);
  if (typeof v === "number") return String(v);
  return visible(JSON.stringify(v) ?? "", max);
}

/** Writes a name of the data, such as "end_of_call", as words. */
export function words(name: string | undefined, max = 60): string {
  return name === undefined ? "–" : visible(name.replaceAll("_", " "), max);
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, clock, count, money, percent, seconds, value, visible } from "./format";

test("seconds are written as a person reads them", () => {
  for (const [given, want] of [
    [undefined, "–"], [0, "0 ms"], [0.0004, "0.40 ms"], [0.0123, "12 ms"], [0.85, "850 ms"], [0.9997, "1.00 s"], [1.234, "1.23 s"],
    [12.34, "12.3 s"], [59.97, "1:00"], [75, "1:15"], [3700, "1:01:40"], [-0.5, "−500 ms"],
  ] as const) assert.equal(seconds(given), want);
});

test("a clock carries into minutes and hours", () => {
  assert.equal(clock(59.96, 1), "1:00.0");
  assert.equal(clock(5), "0:05");
  assert.equal(clock(-1.5, 1), "−0:01.5");
  assert.equal(clock(-0.01, 1), "0:00.0");
  assert.equal(clock(3599.9), "1:00:00");
});

test("numbers", () => {
  assert.equal(count(1234567), "1,234,567");
  assert.equal(count(undefined), "–");
  assert.equal(bytes(1536), "1.5 KiB");
  assert.equal(percent(-0.1234, 1), "−12.3 %");
  assert.equal(money({ amount: 0.00008, currency: "USD" }), "0.00008 USD");
  assert.equal(money({ amount: 0.0123, currency: "USD" }), "0.0123 USD");
  assert.equal(money({ amount: 12.5, currency: "" }), "12.50");
  assert.equal(money(undefined), "–");
});

test("characters that nobody sees are shown as their numbers", () => {
  assert.equal(visible("a\u202eb"), "a‹U+202E›b");
  assert.equal(visible("\u0000\u200b"), "‹U+0000›‹U+200B›");
  assert.equal(visible("line\nnext\tcolumn"), "line\nnext\tcolumn");
  assert.equal(visible("<b>"), "<b>");
});

test("a long text is cut, but no character is", () => {
  assert.equal(visible("x".repeat(1_000_000), 3), "xxx… (1,000,000 characters)");
  assert.equal(visible("ab😀cd", 3), "ab… (6 characters)");
});

test("values of attributes", () => {
  assert.equal(value("a"), "a");
  assert.equal(value(1.5), "1.5");
  assert.equal(value(["a", { b: 1 }]), '["a",{"b":1}]');
  assert.equal(value(undefined), "");
});

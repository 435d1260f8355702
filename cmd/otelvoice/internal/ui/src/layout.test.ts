// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { readCall } from "./document";
import { drawn, fit, type Item, overlaps, pack, pan, response, reveal, ticks, within, zoom } from "./layout";

const bounds = { from: 0, to: 100 };
const item = (from: number, to: number): Item => ({ key: `${from}`, from, to });

test("zoom keeps the instant under the pointer, within the bounds", () => {
  assert.deepEqual(zoom(bounds, 0.5, 50, bounds), { from: 25, to: 75 });
  assert.deepEqual(zoom(bounds, 0.5, 0, bounds), { from: 0, to: 50 });
  assert.deepEqual(zoom({ from: 0, to: 10 }, 100, 5, bounds), bounds);
  const nearest = zoom(bounds, 1e-9, 50, bounds);
  assert.ok(Math.abs(nearest.to - nearest.from - 0.02) < 1e-9);
});

test("pan stops at the bounds", () => {
  assert.deepEqual(pan({ from: 10, to: 20 }, 5, bounds), { from: 15, to: 25 });
  assert.deepEqual(pan({ from: 10, to: 20 }, -50, bounds), { from: 0, to: 10 });
  assert.deepEqual(pan({ from: 10, to: 20 }, 500, bounds), { from: 90, to: 100 });
  assert.deepEqual(within({ from: -5, to: 500 }, bounds), bounds);
});

test("reveal moves only if it must", () => {
  const view = { from: 10, to: 20 };
  assert.equal(reveal(view, 12, 15, bounds), view);
  assert.deepEqual(reveal(view, 50, 52, bounds), { from: 46, to: 56 });
  assert.deepEqual(reveal(view, 50, 90, bounds), { from: 49.5, to: 59.5 });
});

test("ticks are round and not too near", () => {
  assert.deepEqual(ticks({ from: 0, to: 10 }, 900), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(ticks({ from: 1.3, to: 40 }, 300), [15, 30]);
  assert.ok(ticks({ from: 0, to: 1e9 }, 900).length <= 11);
  assert.ok(ticks({ from: 0, to: 1 }, 0).length <= 2);
});

test("items that overlap are in rows below each other", () => {
  const rows = pack([item(0, 5), item(1, 3), item(5, 6), item(2, 4)], 2);
  assert.deepEqual(rows.map((row) => row.map((i) => i.key)), [["0", "5"], ["1", "2"]]);
  assert.deepEqual(pack([], 3), []);
});

test("many narrow items are drawn as few", () => {
  const row = Array.from({ length: 100_000 }, (_, i) => item(i / 1000, i / 1000 + 0.0005));
  const found = drawn(row, bounds, 800);
  assert.ok(found.length <= 410, `${found.length} are drawn`);
  assert.equal(found.reduce((sum, d) => sum + d.count, 0), 100_000);
});

test("only what is in the view is drawn", () => {
  const found = drawn([item(0, 1), item(40, 60), item(70, 71)], { from: 50, to: 55 }, 100);
  assert.deepEqual(found, [{ x: -2, width: 104, count: 1, item: item(40, 60) }]);
});

test("the picture of a call without times has a length", () => {
  assert.deepEqual(fit(readCall({})), { from: -0.01, to: 1.01 });
  const grown = fit(readCall({ turns: [{ start: -2, duration: 1, agent: [{ start: 8, duration: 2 }] }] }));
  assert.ok(grown.from < -2 && grown.to > 10);
});

test("overlaps are where both speak", () => {
  const call = readCall({ turns: [{ user: [{ start: 0, duration: 2 }, { start: 5, duration: 2 }], agent: [{ start: 1.5, duration: 4 }] }] });
  assert.deepEqual(overlaps(call), [{ start: 1.5, duration: 0.5 }, { start: 5, duration: 0.5 }]);
});

test("the response ends when the agent speaks", () => {
  const [told, byUser, unknown] = readCall({ turns: [
    { response_latency: 0.5, agent: [{ start: 3 }] }, { response_latency: 0.5, user: [{ start: 1, duration: 1 }] }, { response_latency: 0.5 },
  ] }).turns;
  assert.deepEqual(response(told), { from: 2.5, to: 3 });
  assert.deepEqual(response(byUser), { from: 2, to: 2.5 });
  assert.equal(response(unknown), undefined);
});

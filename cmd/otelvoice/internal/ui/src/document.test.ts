// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { readDifference, verdict } from "./comparepage";
import { readCall } from "./document";
import { since } from "./filter";
import { link, parseRoute } from "./route";
import { readCallList, sortRows } from "./row";

test("values of another type are unknown", () => {
  for (const json of [null, 1, "x", [], {}, { turns: "x", talk: 3, marks: {}, recording: [], logs: [null, 1] }, { turns: [null, 5, []], other: ["x"] }]) {
    const call = readCall(json);
    assert.equal(call.duration, undefined);
    assert.equal(call.talk.user, undefined);
  }
});

test("what is unknown is not 0", () => {
  const [turn] = readCall({ turns: [{ duration: -1, response_latency: "0.5", segments: [{ name: "generation" }] }] }).turns;
  assert.equal(turn.duration, undefined);
  assert.equal(turn.responseLatency, undefined);
  assert.deepEqual(turn.segments, []);
});

test("speech is read from marks if it is not told", () => {
  const [turn] = readCall({ turns: [{ marks: [
    { name: "voice.user.started", at: 1 }, { name: "voice.user.stopped", at: 2.5 }, { name: "voice.agent.started", at: 3 },
  ] }] }).turns;
  assert.deepEqual(turn.user, [{ start: 1, duration: 1.5 }]);
  assert.deepEqual(turn.agent, [{ start: 3 }]);
});

test("stages below stages are a list with depths", () => {
  const [turn] = readCall({ turns: [{ stages: [{ kind: "tool", name: "a", span_id: "1", stages: [{ kind: "http", name: "b", span_id: "2" }] }] }] }).turns;
  assert.deepEqual(turn.stages.map((s) => [s.key, s.lane, s.depth, s.turn]), [["1", "tool", 0, 0], ["2", "other", 1, 0]]);
});

test("names of the prototype are not kinds", () => {
  const { other } = readCall({ other: [{ kind: "constructor" }, { kind: "__proto__" }] });
  assert.deepEqual(other.map((s) => s.lane), ["other", "other"]);
});

test("an answer with a document, and log lines of stages", () => {
  const call = readCall({ id: "s", has_recording: true, document: {
    ids: { session: "s", traces: ["t"] }, agent: { name: "a", version: "1" }, start: "2026-01-01T00:00:00Z", recording: { start: "2026-01-01T00:00:01Z" },
    turns: [{ index: 4, lines: [{ at: 2, message: "turn" }], stages: [{ span_id: "x", lines: [{ at: 1, message: "stage" }] }] }],
  } });
  assert.equal(call.agent, "a");
  assert.deepEqual(call.recording, { uri: undefined, channels: undefined, isAvailable: true, offset: 1 });
  assert.deepEqual(call.lines.map((l) => [l.message, l.turn, l.span]), [["stage", 4, "x"], ["turn", 4, undefined]]);
});

test("a route is read as it was written", () => {
  const id = "a/b?c#d%e\ud800 ü";
  const route = parseRoute(link("calls", id, { turn: 3, stage: "x&y", t: undefined }));
  assert.deepEqual([route.page, route.id, route.query.get("turn"), route.query.get("stage"), route.query.has("t")], ["calls", id.replace("\ud800", "\ufffd"), "3", "x&y", false]);
  assert.equal(parseRoute("").page, "calls");
  assert.equal(parseRoute("#/calls/%zz").id, "%zz");
});

test("rows are sorted, the unknown last", () => {
  const { rows, next } = readCallList({ calls: [{ id: "a" }, { id: "b", duration: 1 }, { id: "c", duration: 2 }], next: "x" });
  assert.deepEqual(sortRows(rows, "duration", true).map((r) => r.id), ["c", "b", "a"]);
  assert.deepEqual(sortRows(rows, "duration", false).map((r) => r.id), ["b", "c", "a"]);
  assert.deepEqual(next, ["before", "x"]);
  assert.deepEqual(readCallList({ next: 100 }).next, ["offset", "100"]);
});

test("a difference is significant only if it is told", () => {
  assert.equal(verdict(readDifference({ difference: 1, is_significant: true })), "significant: slower");
  assert.equal(verdict(readDifference({ change: -1, is_real: true })), "significant: faster");
  assert.equal(verdict(readDifference({ change: -1 })), "no significant difference");
  assert.equal(verdict(readDifference({ change: -1, few: true })), "too few turns");
  assert.equal(verdict(readDifference({ change: -1, few: true, few_calls: true })), "too few calls");
});

test("a period becomes an instant", () => {
  assert.equal(since("1h", Date.UTC(2026, 0, 1, 1)), "2026-01-01T00:00:00Z");
  assert.equal(since("2026-01-01T00:00:00Z", 0), "2026-01-01T00:00:00Z");
});

test("media and budgets are read from the attributes of a turn", () => {
  const { turns } = readCall({ turns: [{ start: 0, end: 1, is_slow: true, attributes: { "voice.media.packet.lost": 3, "voice.media.jitter": 0.01, "voice.turn.over_budget": ["generation"] } }, { attributes: {}, response_latency: 9 }] });
  assert.deepEqual([turns[0]!.media, turns[0]!.overBudget, turns[0]!.isSlow], [{ lost: 3, jitter: 0.01 }, ["generation"], true]);
  assert.deepEqual([turns[1]!.media, turns[1]!.overBudget, turns[1]!.isSlow], [undefined, [], false]);
});

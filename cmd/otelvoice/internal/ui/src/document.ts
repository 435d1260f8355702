// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { attributes, duration, fields, type Fields, list, number, text, texts } from "./json";
import type { Attributes, Call, Mark, Recording, Span, Turn } from "./model";
import { readLines, readMark, readMoney, readStages } from "./stage";

/**
 * Reads a call document, or the answer of /api/calls/ID that has one. Fields of a type that is not expected are
 * taken as unknown.
 */
export function readCall(json: unknown): Call {
  const answer = fields(json);
  const doc = "document" in answer ? fields(answer.document) : answer;
  const ids = fields(doc.ids);
  const agent = fields(doc.agent);
  const talk = fields(doc.talk);
  const start = text(doc.start);
  const turns = list(doc.turns).map((each, i) => readTurn(fields(each), i));
  const other = readStages(doc.other ?? doc.stages, "other");
  const lines = readLines(doc.logs ?? doc.lines);
  for (const turn of turns) {
    for (const stage of turn.stages) for (const line of stage.lines) lines.push({ ...line, turn: turn.index, span: stage.key });
    for (const line of turn.lines) lines.push({ ...line, turn: turn.index });
  }
  for (const stage of other) for (const line of stage.lines) lines.push({ ...line, span: stage.key });
  lines.sort((a, b) => (a.time ?? Infinity) - (b.time ?? Infinity));
  return {
    id: text(answer.id) ?? text(doc.id) ?? text(ids.session) ?? "",
    ids: namedIDs(doc, ids),
    start,
    duration: duration(doc.duration),
    isOpen: doc.is_open === true || doc.open === true,
    agent: text(doc.agent) ?? text(agent.name) ?? text(agent.service),
    version: text(doc.version) ?? text(agent.version) ?? text(agent.service_version),
    experiment: text(doc.experiment) ?? text(agent.experiment),
    channel: text(doc.channel),
    outcome: text(doc.outcome),
    endReason: text(doc.end_reason),
    error: text(doc.error),
    cost: readMoney(doc.cost),
    timeToFirstAudio: duration(doc.time_to_first_audio),
    talk: {
      user: duration(talk.user),
      agent: duration(talk.agent),
      overlap: duration(talk.overlap),
      silence: duration(talk.silence),
    },
    deadAir: list(doc.dead_air).flatMap((each) => {
      const at = readSpan(each);
      return at ? [{ ...at, activity: text(fields(each).activity) }] : [];
    }),
    recording: readRecording(doc.recording, start, answer.has_recording === true),
    attributes: attributes(doc.attributes),
    resource: attributes(doc.resource),
    turns,
    other,
    marks: list(doc.marks).map(readMark),
    lines,
    faults: [...list(doc.faults).map(readFault), ...list(doc.problems).map(readProblem)],
    framework: text(doc.framework),
    missing: texts(doc.missing),
  };
}

function namedIDs(doc: Fields, ids: Fields): [string, string][] {
  const found: [string, string][] = [];
  const add = (name: string, v: unknown) => {
    const value = text(v);
    if (value !== undefined && !found.some((each) => each[1] === value)) found.push([name, value]);
  };
  add("Session", ids.session ?? doc.id);
  add("Correlation", ids.correlation ?? doc.correlation_id);
  add("External", ids.external);
  add("Previous session", ids.previous);
  add("Telephone line", ids.line);
  for (const id of list(ids.traces ?? doc.trace_ids)) add("Trace", id);
  return found;
}

function readProblem(v: unknown): string {
  const problem = fields(v);
  const where = text(problem.where);
  const count = number(problem.count) ?? 1;
  return (text(problem.kind) ?? "unknown").replaceAll("_", " ") + (where ? `: ${where}` : "") + (count > 1 ? ` (${count} times)` : "");
}

/** Reads what does not follow the conventions: a text, or a rule and the name that is wrong. */
function readFault(v: unknown): string {
  const fault = fields(v);
  const count = number(fault.count) ?? 1;
  const first = text(fault.first);
  return text(v) ?? [text(fault.rule) ?? "unknown", text(fault.what)].filter(Boolean).join(": ") + (count > 1 ? ` (${count} times)` : "") + (first ? `, first in ${first}` : "");
}

function readSpan(v: unknown): Span | undefined {
  const start = number(fields(v).start);
  return start === undefined ? undefined : { start, duration: duration(fields(v).duration) };
}

function readRecording(v: unknown, start: string | undefined, isAvailable: boolean): Recording | undefined {
  const recording = fields(v);
  if (Object.keys(recording).length === 0 && !isAvailable) return undefined;
  const offset = (Date.parse(text(recording.start) ?? "") - Date.parse(start ?? "")) / 1000;
  return {
    uri: text(recording.uri),
    channels: text(recording.channels),
    isAvailable: isAvailable || recording.is_available === true,
    offset: Number.isFinite(offset) ? offset : 0,
  };
}

function readTurn(turn: Fields, position: number): Turn & { lines: ReturnType<typeof readLines> } {
  const start = number(turn.start);
  const end = number(turn.end);
  const index = number(turn.index) || position + 1;
  const marks = list(turn.marks).map(readMark);
  const playout = fields(turn.playout);
  const underruns = fields(turn.underruns);
  const count = number(underruns.count) ?? number(playout.underruns);
  const interruption = fields(turn.interruption);
  const latency = duration(turn.response_latency);
  const overBudget = texts(turn.over_budget ?? fields(turn.attributes)["voice.turn.over_budget"]);
  const spans = (v: unknown, from: string, to: string) => {
    const told = list(v).flatMap((each) => readSpan(each) ?? []);
    return told.length > 0 ? told : between(marks, from, to);
  };
  return {
    position,
    id: text(turn.id),
    index,
    initiator: text(turn.initiator),
    outcome: text(turn.outcome),
    error: text(turn.error),
    start,
    duration: duration(turn.duration) ?? (start !== undefined && end !== undefined ? duration(end - start) : undefined),
    responseLatency: latency,
    anchor: text(turn.anchor),
    segments: list(turn.segments).flatMap((each) => {
      const taken = duration(fields(each).duration);
      return taken === undefined ? [] : [{ name: text(fields(each).name) ?? "unknown", duration: taken }];
    }),
    user: spans(turn.user, "voice.user.started", "voice.user.stopped"),
    agent: spans(turn.agent, "voice.agent.started", "voice.agent.stopped"),
    queued: duration(turn.queued) ?? duration(playout.queued),
    played: duration(turn.played) ?? duration(playout.played),
    underruns: count === undefined || count === 0 ? undefined : { count, duration: duration(underruns.duration) ?? duration(playout.underrun) },
    media: attributes(turn.media) ?? readMedia(fields(turn.attributes)),
    interruption: attributes(turn.interruption) && {
      at: number(interruption.at),
      source: text(interruption.source),
      played: duration(interruption.played),
    },
    isFalseInterruption: turn.is_false_interruption === true,
    transcript: text(turn.transcript),
    reply: text(turn.reply),
    cost: readMoney(turn.cost),
    overBudget,
    isSlow: turn.is_slow === true,
    isOpen: turn.open === true || turn.is_open === true,
    attributes: attributes(turn.attributes),
    trace: text(turn.trace_id),
    span: text(turn.span_id),
    stages: readStages(turn.stages, `turn${position}`, position),
    marks,
    lines: readLines(turn.lines),
  };
}

/** Reads how the user's audio arrived in a turn. */
function readMedia(turn: Fields): Attributes | undefined {
  const media: Attributes = {};
  for (const [name, key] of Object.entries({ lost: "voice.media.packet.lost", jitter: "voice.media.jitter", gaps: "voice.media.gap.count" })) {
    const value = number(turn[key]);
    if (value !== undefined) media[name] = value;
  }
  return Object.keys(media).length > 0 ? media : undefined;
}

/** Pairs marks of a start with the marks of an end that follow them. */
export function between(marks: Mark[], from: string, to: string): Span[] {
  const found: Span[] = [];
  let open: Span | undefined;
  const timed = marks.filter((m) => m.time !== undefined).sort((a, b) => a.time! - b.time!);
  for (const mark of timed) {
    if (mark.kind === from && !open) found.push((open = { start: mark.time! }));
    else if (mark.kind === to && open) {
      open.duration = mark.time! - open.start;
      open = undefined;
    }
  }
  return found;
}

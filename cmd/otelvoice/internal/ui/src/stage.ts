// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { attributes, duration, fields, list, number, text, texts } from "./json";
import type { Lane, Line, Mark, Money, Stage } from "./model";

const lanes: Record<string, Lane> = {
  stt: "stt", speech_to_text: "stt",
  llm: "llm", chat: "llm",
  realtime: "realtime", realtime_inference: "realtime",
  tts: "tts", text_to_speech: "tts",
  tool: "tool", execute_tool: "tool",
};

/** Reads stages and those below them as one list, each with its depth. */
export function readStages(v: unknown, prefix: string, turn?: number, depth = 0): Stage[] {
  if (depth > 20) return [];
  return list(v).flatMap((each, i) => {
    const stage = fields(each);
    const kind = text(stage.kind) ?? "span";
    const span = text(stage.span_id);
    const key = span ?? `${prefix}.${i}`;
    const tokens = fields(stage.tokens);
    const one: Stage = {
      key,
      kind,
      lane: (Object.hasOwn(lanes, kind) && lanes[kind]) || "other",
      name: text(stage.name) ?? kind,
      provider: text(stage.provider),
      model: text(stage.model),
      start: number(stage.start),
      duration: duration(stage.duration),
      outcome: text(stage.outcome),
      error: text(stage.error),
      attempt: number(stage.attempt),
      fallback: number(stage.fallback),
      resends: number(stage.resends),
      first: duration(stage.first) ?? duration(stage.first_output),
      tokens: attributes(stage.tokens) && {
        input: number(tokens.input),
        output: number(tokens.output),
        cached: number(tokens.cached),
      },
      characters: number(stage.characters),
      requests: [...texts(stage.request_ids), ...texts([stage.request_id])],
      cost: readMoney(stage.cost),
      attributes: attributes(stage.attributes),
      events: list(stage.events ?? stage.marks).map(readMark),
      lines: readLines(stage.lines),
      trace: text(stage.trace_id),
      span,
      depth,
      turn,
    };
    return [one, ...readStages(stage.stages, key, turn, depth + 1)];
  });
}

export function readMoney(v: unknown): Money | undefined {
  const money = fields(v);
  const amount = number(money.amount);
  return amount === undefined ? undefined : { amount, currency: text(money.currency) ?? "" };
}

export function readMark(v: unknown): Mark {
  const mark = fields(v);
  return {
    kind: text(mark.kind) ?? text(mark.name) ?? "mark",
    time: number(mark.time) ?? number(mark.at),
    text: text(mark.text),
    attributes: attributes(mark.attributes),
  };
}

export function readLines(v: unknown): Line[] {
  return list(v).map((each) => {
    const line = fields(each);
    return {
      time: number(line.time) ?? number(line.at),
      level: text(line.level) ?? "",
      component: text(line.component) ?? text(line.module) ?? "",
      message: text(line.message) ?? "",
      attributes: attributes(line.attributes),
      span: text(line.span_id),
      turn: number(line.turn),
    };
  });
}

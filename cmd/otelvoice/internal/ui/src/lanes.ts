// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { seconds, visible, words } from "./format";
import { type Item, overlaps, pack, response } from "./layout";
import type { Call, Lane, Mark, Span, Stage, Turn } from "./model";
import { segmentWords } from "./parts";

/** An item of a lane, with how it looks and what it selects. */
export interface Bar extends Item {
  label: string;
  title: string;
  look: string;
  turn?: Turn;
  stage?: Stage;
  /** Where the first output came, in seconds from the call's start. */
  first?: number;
}

/** A lane of the picture: rows of bars below each other. */
export interface LaneOf {
  name: string;
  label: string;
  rows: Bar[][];
  /** The bars of each row by their look: bars of different looks are drawn over each other. */
  layers: Bar[][][];
  height: number;
}

const stageLanes: [Lane, string][] = [
  ["stt", "STT"], ["llm", "LLM"], ["realtime", "Speech model"], ["tool", "Tools"], ["tts", "TTS"], ["other", "Network, other"],
];

/** Returns the lanes of a call. Those of the pipeline are left out if they are empty beside a speech-to-speech model. */
export function lanesOf(call: Call, end: number): LaneOf[] {
  const lanes: LaneOf[] = [
    lane("turns", "Turns", [call.turns.flatMap(turnBar)], 18),
    lane("marks", "Marks", [marksOf(call).flatMap(markBar)], 18),
    lane("user", "User's voice", [bySide(call, "user", end)], 22),
    lane("agent", "Agent's voice", [bySide(call, "agent", end)], 22),
    lane("response", "Response", pack(call.turns.flatMap(responseBar), 2), 22),
  ];
  const stages = [...call.turns.flatMap((turn) => turn.stages), ...call.other];
  const hasPipeline = !stages.some((s) => s.lane === "realtime");
  for (const [name, label] of stageLanes) {
    const bars = stages.filter((s) => s.lane === name).flatMap((s) => stageBar(s, call, end));
    if (bars.length > 0 || (hasPipeline && name !== "other" && name !== "realtime")) lanes.push(lane(name, label, pack(bars, 4), 18));
  }
  const media = call.turns.flatMap(mediaBar);
  if (media.length > 0) lanes.push(lane("media", "Media", [media], 16));
  return lanes;
}

function lane(name: string, label: string, rows: Bar[][], height: number): LaneOf {
  for (const row of rows) row.sort((a, b) => a.from - b.from);
  const kept = rows.length > 0 ? rows : [[]];
  return { name, label, rows: kept, layers: kept.map(layersOf), height };
}

function layersOf(row: Bar[]): Bar[][] {
  const layers = new Map<string, Bar[]>();
  for (const bar of row) {
    const look = bar.look.split(" ", 1)[0];
    const layer = layers.get(look);
    if (layer) layer.push(bar);
    else layers.set(look, [bar]);
  }
  return [...layers.values()];
}

function turnBar(turn: Turn): Bar[] {
  if (turn.start === undefined) return [];
  const state = turn.error ? "error" : turn.isOpen ? "open" : turn.isSlow ? "slow" : "";
  const remark = [words(turn.outcome), turn.isSlow ? "slow" : "", turn.error ? `error ${visible(turn.error, 60)}` : ""].filter((s) => s && s !== "–").join(", ");
  const to = turn.start + (turn.duration ?? 0);
  const sign = turn.error ? "✕ " : turn.isSlow ? "! " : "";
  return [{ key: `t:${turn.position}`, from: turn.start, to, label: `${sign}${turn.index}`, look: `turn ${state}`, turn, title: `Turn ${turn.index}: ${remark || "outcome unknown"}` }];
}

function bySide(call: Call, side: "user" | "agent", end: number): Bar[] {
  const bars: Bar[] = [];
  const who = side === "user" ? "User" : "Agent";
  for (const turn of call.turns) {
    for (const [i, span] of turn[side].entries()) {
      const to = endOf(span, call, end);
      if (side === "agent" && i === 0 && turn.queued !== undefined) {
        const title = `Agent: ${seconds(turn.queued)} queued, ${turn.played === undefined ? "unknown" : seconds(turn.played)} played`;
        bars.push({ key: `q:${turn.position}`, from: span.start, to: Math.max(span.start + turn.queued, span.start), label: "", look: "queued", turn, title });
      }
      bars.push({ key: `${side}:${turn.position}:${i}`, from: span.start, to, label: side === "user" ? "user" : "agent", look: side, turn, title: `${who} speaks, ${seconds(span.duration)}` });
    }
  }
  for (const [i, span] of overlaps(call).entries()) {
    bars.push({ key: `o:${i}`, from: span.start, to: span.start + span.duration!, label: "", look: "overlap", title: `Both speak for ${seconds(span.duration)}` });
  }
  if (side === "agent") {
    for (const [i, span] of call.deadAir.entries()) {
      bars.push({ key: `d:${i}`, from: span.start, to: endOf(span, call, end), label: "dead air", look: "dead", title: `Dead air, ${seconds(span.duration)}${span.activity ? ` during ${words(span.activity)}` : ""}` });
    }
  }
  return bars;
}

function endOf(span: Span, call: Call, end: number): number {
  return span.duration !== undefined ? span.start + span.duration : call.isOpen ? Math.max(end, span.start) : span.start;
}

function responseBar(turn: Turn): Bar[] {
  const at = response(turn);
  if (!at) return [];
  const sum = `${seconds(turn.responseLatency)}${turn.isSlow ? " slow" : ""}`;
  return [{ key: `r:${turn.position}`, ...at, label: sum, look: "response", turn, title: `Turn ${turn.index}, response latency ${sum}: ${segmentWords(turn.segments)}` }];
}

function stageBar(stage: Stage, call: Call, end: number): Bar[] {
  if (stage.start === undefined) return [];
  const look = `stage ${stage.lane}${stage.error ? " error" : ""}${stage.duration === undefined ? " open" : ""}`;
  const sign = stage.error ? "✕ " : (stage.attempt ?? 1) > 1 ? `↻${stage.attempt} ` : "";
  const title = `${visible(stage.name, 100)}, ${seconds(stage.duration)}${stage.error ? `, error ${visible(stage.error, 60)}` : ""}${(stage.attempt ?? 1) > 1 ? `, attempt ${stage.attempt}` : ""}`;
  const turn = stage.turn === undefined ? undefined : call.turns[stage.turn];
  return [{
    key: `s:${stage.key}`, from: stage.start, to: endOf({ start: stage.start, duration: stage.duration }, call, end),
    label: sign + visible(shortName(stage), 60), look, stage, turn, title, first: stage.first === undefined ? undefined : stage.start + stage.first,
  }];
}

// The lane tells the kind: the name of a stage without its operation is enough.
function shortName(stage: Stage): string {
  if (stage.lane === "other") return stage.name;
  return stage.model ?? stage.name.replace(/^(speech_to_text|chat|text_to_speech|execute_tool|realtime_inference) (?=\S)/, "");
}

function mediaBar(turn: Turn): Bar[] {
  if (!turn.media || turn.start === undefined) return [];
  const shown = Object.entries(turn.media).filter(([name]) => ["lost", "out_of_order", "jitter", "gaps"].includes(name));
  const parts = shown.map(([name, v]) => `${words(name)} ${name === "jitter" && typeof v === "number" ? seconds(v) : visible(String(v), 20)}`);
  const isBad = Number(turn.media.lost) > 0 || Number(turn.media.gaps) > 0;
  return [{ key: `m:${turn.position}`, from: turn.start, to: turn.start + (turn.duration ?? 0), label: parts.filter((part) => !part.endsWith(" 0")).join(", "), look: isBad ? "media bad" : "media", turn, title: `Media of turn ${turn.index}: ${parts.join(", ")}` }];
}

interface Placed extends Mark {
  turn?: Turn;
}

/** Returns the marks that the picture shows: those of the call, interruptions and underruns of its turns. */
function marksOf(call: Call): Placed[] {
  const found: Placed[] = [...call.marks];
  for (const turn of call.turns) {
    const cut = turn.interruption;
    const near = (at: number) => call.marks.some((m) => m.kind.includes("barge_in") && m.time !== undefined && Math.abs(m.time - at) < 0.05);
    if (cut?.at !== undefined && !near(cut.at)) found.push({ kind: "barge_in", time: cut.at, text: cut.source, turn });
    if (turn.underruns && turn.agent[0]) found.push({ kind: "underrun", time: turn.agent[0].start, text: `${turn.underruns.count} in turn ${turn.index}, ${seconds(turn.underruns.duration)}`, turn });
    for (const mark of turn.marks) if (!/^voice\.(user|agent|llm|tts|transcript|turn|interruption)/.test(mark.kind)) found.push({ ...mark, turn });
  }
  return found;
}

const signs: Record<string, string> = { barge_in: "▼", underrun: "≋", dtmf: "#", hold: "‖", transfer: "→", idle_prompt: "?" };

function markBar(mark: Placed, i: number): Bar[] {
  if (mark.time === undefined) return [];
  const kind = mark.kind.replace(/^voice\./, "").replace(/\.started$/, "");
  const sign = (Object.hasOwn(signs, kind) && signs[kind]) || "◆";
  const name = mark.kind === "barge_in" ? "barge-in" : words(mark.kind.replace(/^voice\./, ""), 40);
  return [{ key: `k:${i}`, from: mark.time, to: mark.time, label: `${sign} ${name}`, look: `mark ${mark.kind === "barge_in" || mark.kind === "underrun" ? mark.kind : ""}`, turn: mark.turn, title: `${name}${mark.text ? `: ${visible(mark.text, 200)}` : ""}` }];
}

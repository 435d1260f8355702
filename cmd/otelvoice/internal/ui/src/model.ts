// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// The call as the pages show it. Times are seconds from the call's start, durations are seconds. What is unknown
// is undefined, never 0.

export type Attributes = Record<string, unknown>;

export interface Money {
  amount: number;
  currency: string;
}

/** A stretch of time. Without a duration its end is unknown. */
export interface Span {
  start: number;
  duration?: number;
}

export interface Segment {
  name: string;
  duration: number;
}

export interface Mark {
  kind: string;
  time?: number;
  text?: string;
  attributes?: Attributes;
}

export interface Line {
  time?: number;
  level: string;
  component: string;
  message: string;
  attributes?: Attributes;
  span?: string;
  turn?: number;
}

export type Lane = "stt" | "llm" | "realtime" | "tool" | "tts" | "other";

export interface Stage {
  /** A key that is unique within the call. */
  key: string;
  kind: string;
  lane: Lane;
  name: string;
  provider?: string;
  model?: string;
  start?: number;
  duration?: number;
  outcome?: string;
  error?: string;
  attempt?: number;
  fallback?: number;
  resends?: number;
  first?: number;
  tokens?: { input?: number; output?: number; cached?: number };
  characters?: number;
  requests: string[];
  cost?: Money;
  attributes?: Attributes;
  events: Mark[];
  lines: Line[];
  trace?: string;
  span?: string;
  /** How deep the stage is below its turn: 0 is the first level. */
  depth: number;
  /** The turn's position in the call, from 0; undefined outside of turns. */
  turn?: number;
}

export interface Interruption {
  at?: number;
  source?: string;
  played?: number;
}

export interface Turn {
  /** The turn's position in the call, from 0. */
  position: number;
  id?: string;
  /** The number that a person sees, from 1. */
  index: number;
  initiator?: string;
  outcome?: string;
  error?: string;
  start?: number;
  duration?: number;
  responseLatency?: number;
  anchor?: string;
  segments: Segment[];
  user: Span[];
  agent: Span[];
  queued?: number;
  played?: number;
  underruns?: { count?: number; duration?: number };
  media?: Attributes;
  interruption?: Interruption;
  isFalseInterruption: boolean;
  transcript?: string;
  reply?: string;
  cost?: Money;
  overBudget: string[];
  isSlow: boolean;
  isOpen: boolean;
  attributes?: Attributes;
  trace?: string;
  span?: string;
  stages: Stage[];
  marks: Mark[];
}

export interface Recording {
  uri?: string;
  channels?: string;
  isAvailable: boolean;
  /** When the recording starts, in seconds from the call's start. */
  offset: number;
}

export interface Call {
  id: string;
  ids: [name: string, value: string][];
  start?: string;
  duration?: number;
  isOpen: boolean;
  agent?: string;
  version?: string;
  experiment?: string;
  channel?: string;
  outcome?: string;
  endReason?: string;
  error?: string;
  cost?: Money;
  timeToFirstAudio?: number;
  talk: { user?: number; agent?: number; overlap?: number; silence?: number };
  deadAir: (Span & { activity?: string })[];
  recording?: Recording;
  attributes?: Attributes;
  resource?: Attributes;
  turns: Turn[];
  other: Stage[];
  marks: Mark[];
  lines: Line[];
  faults: string[];
  /** The name of another framework that sent the call, and the facts that it does not send. */
  framework?: string;
  missing: string[];
}

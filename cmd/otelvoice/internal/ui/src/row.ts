// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { duration, fields, list, number, text, texts } from "./json";
import type { Money } from "./model";
import { readMoney } from "./stage";

/** A call in the list of calls. */
export interface Row {
  id: string;
  correlation?: string;
  start?: string;
  duration?: number;
  isOpen: boolean;
  agent?: string;
  version?: string;
  channel?: string;
  outcome?: string;
  endReason?: string;
  turns?: number;
  interruptions?: number;
  errors?: number;
  slowTurns?: number;
  cost?: Money;
  latencies: number[];
  /** What was found, if the search was for an ID within the call. */
  foundTurn?: string;
  foundSpan?: string;
}

export interface CallList {
  rows: Row[];
  total?: number;
  /** The query that asks for the next page. */
  next?: [name: string, value: string];
  facets: Record<string, string[]>;
}

export function readCallList(json: unknown): CallList {
  const answer = fields(json);
  const facets: Record<string, string[]> = {};
  for (const [name, values] of Object.entries(fields(answer.facets))) facets[name] = texts(values);
  const next = answer.next;
  return {
    rows: list(answer.calls).map((each) => readRow(each)),
    total: number(answer.total),
    next: typeof next === "number" ? ["offset", String(next)] : typeof next === "string" && next !== "" ? ["before", next] : undefined,
    facets,
  };
}

function readRow(v: unknown): Row {
  const row = fields(v);
  return {
    id: text(row.id) ?? "",
    correlation: text(row.correlation_id),
    start: text(row.start),
    duration: duration(row.duration),
    isOpen: row.is_open === true,
    agent: text(row.agent),
    version: text(row.version),
    channel: text(row.channel),
    outcome: text(row.outcome),
    endReason: text(row.end_reason),
    turns: number(row.turns),
    interruptions: number(row.interruptions),
    errors: number(row.errors),
    slowTurns: number(row.slow_turns),
    cost: readMoney(row.cost),
    latencies: list(row.latencies).flatMap((each) => duration(each) ?? []),
    foundTurn: text(row.turn_id),
    foundSpan: text(row.span_id),
  };
}

export type SortKey = "start" | "duration" | "turns" | "latency" | "cost" | "errors";

/** Sorts rows. What is unknown comes last, whatever the direction. */
export function sortRows(rows: Row[], key: SortKey, descending: boolean): Row[] {
  const valueOf = (row: Row): number | undefined => {
    switch (key) {
      case "start": {
        const at = Date.parse(row.start ?? "");
        return Number.isNaN(at) ? undefined : at;
      }
      case "latency": return row.latencies.length > 0 ? Math.max(...row.latencies) : undefined;
      case "cost": return row.cost?.amount;
      default: return row[key];
    }
  };
  return rows
    .map((row, i) => ({ row, i, v: valueOf(row) }))
    .sort((a, b) => {
      if (a.v === undefined || b.v === undefined) return Number(a.v === undefined) - Number(b.v === undefined) || a.i - b.i;
      return (descending ? b.v - a.v : a.v - b.v) || a.i - b.i;
    })
    .map((each) => each.row);
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import type { Call, Span, Turn } from "./model";

/** A view of the time axis: from and to in seconds. */
export interface View {
  from: number;
  to: number;
}

/** Something that a lane shows. */
export interface Item {
  key: string;
  from: number;
  to: number;
}

/** What is drawn: an item, or several that are too near to each other to be told apart. */
export interface Drawn<T extends Item> {
  x: number;
  width: number;
  count: number;
  item: T;
}

/** The shortest part of a call that can be shown, in seconds. */
export const shortest = 0.02;

/** Returns the view of a whole call, with a small margin. */
export function fit(call: Call): View {
  let from = 0;
  let to = call.duration ?? 0;
  const take = (start: number | undefined, duration: number | undefined) => {
    if (start === undefined) return;
    from = Math.min(from, start);
    to = Math.max(to, start + (duration ?? 0));
  };
  for (const turn of call.turns) {
    take(turn.start, turn.duration);
    for (const span of turn.user) take(span.start, span.duration);
    for (const span of turn.agent) take(span.start, span.duration);
    for (const stage of turn.stages) take(stage.start, stage.duration);
  }
  for (const stage of call.other) take(stage.start, stage.duration);
  if (to <= from) to = from + 1;
  const margin = (to - from) * 0.01;
  return { from: from - margin, to: to + margin };
}

/** Zooms a view by a factor (below 1 is nearer) around an instant, within the bounds. */
export function zoom(view: View, factor: number, at: number, bounds: View): View {
  const length = Math.min(Math.max((view.to - view.from) * factor, shortest), bounds.to - bounds.from);
  const part = (at - view.from) / (view.to - view.from);
  return within({ from: at - part * length, to: at + (1 - part) * length }, bounds);
}

/** Moves a view by seconds, within the bounds. */
export function pan(view: View, by: number, bounds: View): View {
  return within({ from: view.from + by, to: view.to + by }, bounds);
}

/** Moves a view so that it lies within the bounds. It keeps its length unless the bounds are shorter. */
export function within(view: View, bounds: View): View {
  const length = Math.min(view.to - view.from, bounds.to - bounds.from);
  const from = Math.min(Math.max(view.from, bounds.from), bounds.to - length);
  return { from, to: from + length };
}

/** Returns a view of the same length in which a span can be seen; the same view if it can already. */
export function reveal(view: View, from: number, to: number, bounds: View): View {
  const length = view.to - view.from;
  if (from >= view.from && to <= view.to) return view;
  if (to - from > length) return within({ from: from - length * 0.05, to: from + length * 0.95 }, bounds);
  const middle = (from + to) / 2;
  return within({ from: middle - length / 2, to: middle + length / 2 }, bounds);
}

/** Returns the instants of the axis: round numbers, about one in so many pixels. */
export function ticks(view: View, width: number, apart = 90): number[] {
  const least = ((view.to - view.from) * apart) / Math.max(width, 1);
  const step = steps.find((s) => s >= least) ?? Math.ceil(least / 3600) * 3600;
  const found: number[] = [];
  for (let i = Math.ceil(view.from / step); i * step <= view.to && found.length < 200; i++) found.push(i * step);
  return found;
}

const steps = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600,
];

/** Puts items that overlap into rows below each other; what does not fit in the last row overlaps there. */
export function pack<T extends Item>(items: T[], most: number): T[][] {
  const rows: T[][] = [];
  const ends: number[] = [];
  for (const item of [...items].sort((a, b) => a.from - b.from || b.to - a.to)) {
    let row = ends.findIndex((end) => end <= item.from);
    if (row < 0) row = Math.min(ends.length, most - 1);
    (rows[row] ??= []).push(item);
    ends[row] = Math.max(ends[row] ?? -Infinity, item.to);
  }
  return rows;
}

/**
 * Returns what of a row is in the view, in pixels. Items narrower than two pixels that touch each other are drawn
 * as one, so that at most width/2 of them are drawn. The row is sorted by its start.
 */
export function drawn<T extends Item>(row: T[], view: View, width: number): Drawn<T>[] {
  const perSecond = width / (view.to - view.from);
  const found: Drawn<T>[] = [];
  for (const item of row) {
    if (item.from > view.to) break;
    if (item.to < view.from) continue;
    const x = Math.max((item.from - view.from) * perSecond, -2);
    const end = Math.min((item.to - view.from) * perSecond, width + 2);
    const last = found.at(-1);
    if (last && end - x < 2 && x < last.x + last.width + 1 && last.width < 6) {
      last.width = Math.max(last.width, end - last.x);
      last.count++;
      continue;
    }
    found.push({ x, width: Math.max(end - x, 1.5), count: 1, item });
  }
  return found;
}

/** Returns the parts in which both sides speak. */
export function overlaps(call: Call): Span[] {
  const end = (s: Span) => s.start + (s.duration ?? 0);
  const user = call.turns.flatMap((t) => t.user).sort((a, b) => a.start - b.start);
  const agent = call.turns.flatMap((t) => t.agent).sort((a, b) => a.start - b.start);
  const found: Span[] = [];
  for (let i = 0, j = 0; i < user.length && j < agent.length; ) {
    const from = Math.max(user[i].start, agent[j].start);
    const to = Math.min(end(user[i]), end(agent[j]));
    if (to > from) found.push({ start: from, duration: to - from });
    if (end(user[i]) < end(agent[j])) i++;
    else j++;
  }
  return found;
}

/**
 * Returns where the response latency of a turn lies: it ends when the agent starts to speak, and starts when the
 * user has stopped. Undefined if neither is known.
 */
export function response(turn: Turn): { from: number; to: number } | undefined {
  const latency = turn.responseLatency;
  if (latency === undefined) return undefined;
  const agent = turn.agent[0]?.start;
  if (agent !== undefined) return { from: agent - latency, to: agent };
  const user = turn.user.at(-1);
  if (user?.duration === undefined) return undefined;
  const from = user.start + user.duration;
  return { from, to: from + latency };
}

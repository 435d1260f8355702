// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import uPlot from "uplot";
import { instant, seconds, visible } from "./format";
import { colour } from "./theme";

/** A value over time that leads somewhere. */
export interface Point {
  time: number; // In seconds since 1970.
  value: number;
  group: string;
  href: string;
}

/** A bin of a histogram. */
export interface Bin {
  from: number;
  to: number;
  count: number;
}

const shapes = ["circle", "square", "triangle", "diamond", "cross"] as const;
const colours = ["stt", "llm", "agent", "tts", "bad", "user", "tool", "other"];

/** A plot in an element. It is made anew when the data, the width or the colours change. */
export class Plot {
  private plot?: uPlot;
  private made = "";
  private readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  private place(version: string, height: number): { element: HTMLElement; width: number; height: number } | undefined {
    const element = document.getElementById(this.id);
    if (!element) return undefined;
    const width = Math.max(element.clientWidth, 200);
    const made = `${version} ${width} ${colour("ink")}`;
    if (made === this.made && element.firstElementChild) return undefined;
    this.made = made;
    this.stop();
    return { element, width, height };
  }

  stop(): void {
    this.plot?.destroy();
    this.plot = undefined;
  }

  /** Draws points, a shape and a colour for each group. A click on a point follows it. */
  points(version: string, points: Point[], groups: string[]): void {
    const at = this.place(version, 260);
    if (!at) return;
    const shown = groups.slice(0, colours.length);
    const kept = points.filter((p) => Number.isFinite(p.time)).sort((a, b) => a.time - b.time);
    const data: uPlot.AlignedData = [kept.map((p) => p.time), ...shown.map((group) => kept.map((p) => (p.group === group ? p.value : null)))];
    this.plot = new uPlot(
      {
        width: at.width, height: at.height, legend: { show: false },
        cursor: { drag: { x: true, y: false }, points: { size: 9 }, focus: { prox: 20 }, dataIdx: (u, series, i) => nearest(u, series, i) },
        scales: { x: { time: true, range: (_u, min, max) => [min - (max - min || 1) * 0.02, max + (max - min || 1) * 0.02] }, y: { range: (_u, _min, max) => [0, max > 0 ? max * 1.05 : 1] } },
        axes: axes((_u, values) => values.map((v) => seconds(v)), (_u, values) => values.map(timeOfDay)),
        series: [{}, ...shown.map((group, i) => ({ label: visible(group, 60), stroke: colour(colours[i]), paths: () => null, points: { show: (u: uPlot, s: number) => (draw(u, s, shapes[i % shapes.length], colour(colours[i])), false) } }))],
        hooks: {
          ready: [(u) => {
            u.over.addEventListener("click", () => {
              const series = u.cursor.idxs?.findIndex((i, s) => s > 0 && i !== null && i !== undefined && isNear(u, s, i)) ?? -1;
              const i = series > 0 ? u.cursor.idxs![series] : undefined;
              if (i !== null && i !== undefined) location.hash = kept[i].href;
            });
          }],
        },
      },
      data,
      at.element,
    );
  }

  /** Draws a histogram. */
  histogram(version: string, bins: Bin[]): void {
    const at = this.place(version, 200);
    if (!at || bins.length === 0) return;
    this.plot = new uPlot(
      {
        width: at.width, height: at.height, legend: { show: false }, cursor: { show: false },
        scales: { x: { time: false, range: () => [Math.min(bins[0].from, 0), drawnEnd(bins)] }, y: { range: (_u, _min, max) => [0, Math.max(max, 1)] } },
        axes: axes((_u, values) => values.map((v) => (Number.isInteger(v) ? String(v) : "")), (_u, values) => values.map((v) => seconds(v))),
        series: [{}, { stroke: colour("stt"), paths: () => null, points: { show: (u) => (bars(u, bins), false) } }],
      },
      [bins.map((b) => (b.from + b.to) / 2), bins.map((b) => b.count)],
      at.element,
    );
  }
}

/** Returns the last bin if it is wider than the others: it has all values above them. */
export function wideBin(bins: Bin[]): Bin | undefined {
  const last = bins.at(-1);
  return last && last.to - last.from > 1.5 * (bins[0].to - bins[0].from) ? last : undefined;
}

// A wide bin is drawn like the others: its area would say that it has more than they have.
function drawnEnd(bins: Bin[]): number {
  const wide = wideBin(bins);
  return wide ? wide.from + bins[0].to - bins[0].from : bins.at(-1)!.to;
}

// The first instant, and the first of each day, have the date too.
function timeOfDay(exact: number, i: number, all: number[]): string {
  const at = Math.round(exact * 100) / 100;
  const [date, time] = instant(new Date(at * 1000).toISOString()).split(" ");
  const apart = all.length > 1 ? all[1] - all[0] : 60;
  const part = apart < 1 ? (at % 1).toFixed(apart < 0.1 ? 2 : 1).slice(1) : "";
  const shown = apart < 60 ? time + part : time.slice(0, 5);
  const before = i === 0 ? "" : instant(new Date(all[i - 1] * 1000).toISOString()).split(" ")[0];
  return date === before ? shown : `${shown}\n${date}`;
}

type Values = (u: uPlot, values: number[]) => string[];

function axes(y: Values, x?: Values): uPlot.Axis[] {
  const look = { stroke: colour("quiet"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1 } };
  return [{ ...look, space: 70, ...(x ? { values: x } : {}) }, { ...look, values: y, size: 64 }];
}

// A series has values only where its group has: look to both sides for the nearest.
function nearest(u: uPlot, series: number, i: number): number {
  const values = u.data[series];
  for (let by = 0; series > 0 && by < 200; by++) {
    for (const j of [i - by, i + by]) if (values[j] !== null && values[j] !== undefined && isNear(u, series, j)) return j;
  }
  return i;
}

function isNear(u: uPlot, series: number, i: number): boolean {
  const value = u.data[series][i];
  if (value === null || value === undefined) return false;
  const x = u.valToPos(u.data[0][i], "x") - (u.cursor.left ?? -1e9);
  const y = u.valToPos(value, "y") - (u.cursor.top ?? -1e9);
  return Math.hypot(x, y) < 12;
}

function draw(u: uPlot, series: number, shape: (typeof shapes)[number], fill: string): void {
  const { ctx } = u;
  const r = 3.2 * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = fill;
  ctx.strokeStyle = fill;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.globalAlpha = 0.75;
  const values = u.data[series];
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v === null || v === undefined) continue;
    const x = u.valToPos(u.data[0][i], "x", true);
    const y = u.valToPos(v, "y", true);
    ctx.beginPath();
    if (shape === "circle") ctx.arc(x, y, r, 0, 7);
    else if (shape === "square") ctx.rect(x - r, y - r, 2 * r, 2 * r);
    else if (shape === "cross") {
      ctx.moveTo(x - r, y - r);
      ctx.lineTo(x + r, y + r);
      ctx.moveTo(x - r, y + r);
      ctx.lineTo(x + r, y - r);
      ctx.stroke();
      continue;
    } else {
      ctx.moveTo(x, y - r);
      ctx.lineTo(x + r, y + (shape === "triangle" ? r : 0));
      if (shape === "diamond") ctx.lineTo(x, y + r);
      ctx.lineTo(x - r, y + (shape === "triangle" ? r : 0));
    }
    ctx.fill();
  }
  ctx.restore();
}

function bars(u: uPlot, bins: Bin[]): void {
  const { ctx } = u;
  ctx.save();
  ctx.fillStyle = colour("stt");
  const zero = u.valToPos(0, "y", true);
  for (const bin of bins) {
    const x = u.valToPos(bin.from, "x", true);
    const width = Math.max(u.valToPos(Math.min(bin.to, drawnEnd(bins)), "x", true) - x - devicePixelRatio, 1);
    const y = u.valToPos(bin.count, "y", true);
    ctx.fillRect(x, y, width, zero - y);
  }
  ctx.restore();
}

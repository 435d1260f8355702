// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit-html";
import { clock } from "./format";
import { type Bar, type LaneOf, lanesOf } from "./lanes";
import { type Drawn, drawn, fit, pan, reveal, ticks, type View, within, zoom } from "./layout";
import type { Call } from "./model";
import { patterns, segmentClass } from "./parts";

const axis = 24;
const gap = 4;

/** What the picture tells the page. */
export interface Watcher {
  redraw(): void;
  redrawNow(): void;
  /** A bar was clicked; undefined is the background. at is the instant, in seconds. */
  clicked(bar: Bar | undefined, at: number): void;
}

/** The picture of a call: a time axis with lanes. It keeps its view when the call grows. */
export class Picture {
  private call!: Call;
  private lanes: LaneOf[] = [];
  private bounds: View = { from: 0, to: 1 };
  private view: View = { from: 0, to: 1 };
  private isFit = true;
  private width = 900;
  private labels = 96;
  private drag?: { x: number; view: View; isRange: boolean; hasMoved: boolean; to: number };
  private readonly watcher: Watcher;
  private readonly size = new ResizeObserver(([entry]) => this.resized(entry.contentRect.width));
  private observed?: Element;
  private isMeasured = false; // Being drawn again because of its width: not once more, should that change the width.
  /** The keys of what is selected. */
  selectedBar?: string;
  selectedTurn?: number;
  /** The instant that is pointed out, such as that of the player. */
  cursor?: number;

  constructor(watcher: Watcher) {
    this.watcher = watcher;
  }

  show(call: Call): void {
    this.call = call;
    this.bounds = fit(call);
    this.lanes = lanesOf(call, this.bounds.to);
    this.view = this.isFit ? this.bounds : within(this.view, this.bounds);
  }

  stop(): void {
    this.size.disconnect();
  }

  /** Called after a drawing. */
  drawn(): void {
    const element = document.getElementById("picture");
    if (!element) return;
    this.resized(element.clientWidth);
    if (element === this.observed) return;
    this.size.disconnect();
    this.size.observe(element);
    this.observed = element;
  }

  private resized(width: number): void {
    if (width === 0) return; // The element is not shown.
    const labels = width < 600 ? 62 : 96;
    if (Math.abs(Math.max(width - labels, 100) - this.width) < 1 && labels === this.labels) return;
    this.labels = labels;
    this.width = Math.max(width - labels, 100);
    // The width is known after a layout. A frame of another width must not be painted.
    if (this.isMeasured) this.watcher.redraw();
    else {
      this.isMeasured = true;
      this.watcher.redrawNow();
      this.isMeasured = false;
    }
  }

  private set(view: View): void {
    this.view = view;
    this.isFit = view.to - view.from >= (this.bounds.to - this.bounds.from) * 0.9999;
    this.watcher.redraw();
  }

  fit(): void {
    this.set(this.bounds);
  }

  zoomBy(factor: number): void {
    const turn = this.selectedTurn === undefined ? undefined : this.call.turns[this.selectedTurn];
    const middle = (this.view.from + this.view.to) / 2;
    const at = this.cursor ?? turn?.start ?? middle;
    this.set(zoom(this.view, factor, at >= this.view.from && at <= this.view.to ? at : middle, this.bounds));
  }

  panBy(part: number): void {
    this.set(pan(this.view, part * (this.view.to - this.view.from), this.bounds));
  }

  zoomTo(from: number, to: number): void {
    const margin = Math.max(to - from, 0.05) * 0.1;
    const view = { from: Math.max(from - margin, this.bounds.from), to: Math.min(to + margin, this.bounds.to) };
    this.set(within(view, this.bounds));
  }

  reveal(from: number, to: number): void {
    this.set(reveal(this.view, from, to, this.bounds));
  }

  private at(event: MouseEvent): number {
    const box = document.getElementById("picture")!.getBoundingClientRect();
    const x = event.clientX - box.left - this.labels;
    return this.view.from + (x / this.width) * (this.view.to - this.view.from);
  }

  private readonly wheel = {
    passive: false,
    handleEvent: (event: WheelEvent) => {
      event.preventDefault();
      const scale = event.deltaMode === 1 ? 16 : 1;
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const by = ((event.deltaX || event.deltaY) * scale) / this.width;
        this.set(pan(this.view, by * (this.view.to - this.view.from), this.bounds));
      } else {
        this.set(zoom(this.view, Math.exp(Math.max(Math.min(event.deltaY * scale, 200), -200) * 0.003), this.at(event), this.bounds));
      }
    },
  };

  private readonly down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const isRange = event.clientY - box.top < axis || event.shiftKey;
    this.drag = { x: event.clientX, view: this.view, isRange, hasMoved: false, to: event.clientX };
  };

  private readonly move = (event: PointerEvent) => {
    const drag = this.drag;
    if (!drag) return;
    drag.to = event.clientX;
    const by = event.clientX - drag.x;
    if (!drag.hasMoved && Math.abs(by) < 4) return;
    if (!drag.hasMoved) (event.currentTarget as Element).setPointerCapture(event.pointerId);
    drag.hasMoved = true;
    if (drag.isRange) this.watcher.redraw();
    else this.set(pan(drag.view, (-by / this.width) * (drag.view.to - drag.view.from), this.bounds));
  };

  private readonly up = (event: PointerEvent) => {
    const drag = this.drag;
    this.drag = undefined;
    if (!drag) return;
    if (drag.hasMoved) {
      if (!drag.isRange) return;
      const instants = [drag.x, drag.to].map((clientX) => this.at({ clientX } as MouseEvent)).sort((a, b) => a - b);
      this.set(within({ from: instants[0], to: Math.max(instants[1], instants[0] + 0.02) }, this.bounds));
      return;
    }
    const key = (event.target as Element).closest("[data-key]")?.getAttribute("data-key");
    const bar = key ? this.lanes.flatMap((lane) => lane.rows.flat()).find((each) => each.key === key) : undefined;
    this.watcher.clicked(bar, this.at(event));
  };

  private readonly cancel = () => {
    this.drag = undefined;
    this.watcher.redraw();
  };

  /** Moves the cursor without a new drawing. */
  moveCursor(at: number): void {
    this.cursor = at;
    const line = document.getElementById("cursor");
    if (!line) this.watcher.redraw();
    const x = String(this.x(at));
    line?.setAttribute("x1", x);
    line?.setAttribute("x2", x);
  }

  private x(at: number): number {
    return ((at - this.view.from) / (this.view.to - this.view.from)) * this.width;
  }

  render(): TemplateResult {
    let y = axis;
    const tops = this.lanes.map((lane) => {
      const top = y;
      y += lane.rows.length * lane.height + gap;
      return top;
    });
    const height = y + 2;
    const step = ticks(this.view, this.width, this.width < 500 ? 70 : 90);
    const apart = step.length > 1 ? step[1] - step[0] : 1;
    const digits = apart >= 1 ? 0 : apart >= 0.1 ? 1 : apart >= 0.01 ? 2 : 3;
    const label = `Picture of the call, from ${clock(this.view.from, digits)} to ${clock(this.view.to, digits)}`;
    return html`<div id="picture" class="picture" role="application" tabindex="0" aria-label=${label} aria-describedby="keys">
      <svg width=${this.width + this.labels} height=${height} aria-hidden="true"
        @wheel=${this.wheel} @pointerdown=${this.down} @pointermove=${this.move} @pointerup=${this.up} @pointercancel=${this.cancel} @dblclick=${() => this.fit()}>
        ${patterns}
        <clipPath id="inside"><rect x="0" y="0" width=${this.width} height=${height} /></clipPath>
        <rect class="back" width=${this.width + this.labels} height=${height} />
        <g transform="translate(${this.labels} 0)" clip-path="url(#inside)">
          ${this.band(height)}
          ${step.map((at) => svg`<line class="tick" x1=${this.x(at)} x2=${this.x(at)} y1=${axis - 5} y2=${height} /><text class="axis" x=${this.x(at) + 3} y="13">${clock(at, digits)}</text>`)}
          ${this.lanes.map((lane, i) => this.lane(lane, tops[i]))}
          ${this.cursor === undefined ? nothing : svg`<line id="cursor" class="cursor" x1=${this.x(this.cursor)} x2=${this.x(this.cursor)} y1="0" y2=${height} />`}
          ${this.range(height)}
        </g>
        ${this.lanes.map((lane, i) => svg`<text class="lane" x="4" y=${tops[i] + 13}>${this.labels < 90 ? short(lane) : lane.label}</text>
          <line class="rule" x1="0" x2=${this.width + this.labels} y1=${tops[i] - gap / 2} y2=${tops[i] - gap / 2} />`)}
      </svg>
    </div>`;
  }

  private band(height: number): SVGTemplateResult | typeof nothing {
    const turn = this.selectedTurn === undefined ? undefined : this.call.turns[this.selectedTurn];
    if (turn?.start === undefined) return nothing;
    const from = this.x(turn.start);
    return svg`<rect class="band" x=${from} y="0" width=${Math.max(this.x(turn.start + (turn.duration ?? 0)) - from, 2)} height=${height} />`;
  }

  private range(height: number): SVGTemplateResult | typeof nothing {
    if (!this.drag?.isRange || !this.drag.hasMoved) return nothing;
    const [from, to] = [this.drag.x, this.drag.to].map((clientX) => this.x(this.at({ clientX } as MouseEvent))).sort((a, b) => a - b);
    return svg`<rect class="range" x=${from} y="0" width=${to - from} height=${height} />`;
  }

  private lane(lane: LaneOf, top: number): SVGTemplateResult {
    return svg`<g class="lane-${lane.name}">${lane.rows.map((row, i) => this.row(lane, row, lane.layers[i], top + i * lane.height))}</g>`;
  }

  private row(lane: LaneOf, row: Bar[], layers: Bar[][], y: number): SVGTemplateResult[] {
    if (lane.name === "marks") return drawn(row, this.view, this.width).map((d, i, all) => this.mark(d, y, (all[i + 1]?.x ?? this.width) - d.x));
    // Bars of different looks do not merge: speech must not hide an overlap.
    return layers.flatMap((layer) =>
      drawn(layer, this.view, this.width).map((d, i, all) => this.bar(d, y, lane.height - 2, (all[i + 1]?.x ?? this.width) - d.x - d.width)),
    );
  }

  private mark(d: Drawn<Bar>, y: number, room: number): SVGTemplateResult {
    const text = d.count > 1 ? `${d.item.label.split(" ")[0]}×${d.count}` : cut(d.item.label, room);
    return svg`<g class=${d.item.look} data-key=${d.item.key}><title>${d.count > 1 ? `${d.count} marks: zoom in` : d.item.title}</title>
      <line x1=${d.x} x2=${d.x} y1=${y} y2=${y + 16} /><text x=${d.x + 2} y=${y + 12}>${text || d.item.label.split(" ")[0]}</text></g>`;
  }

  /** Draws a bar. room is the space up to the next one, in pixels. */
  private bar(d: Drawn<Bar>, y: number, height: number, room: number): SVGTemplateResult {
    const { item } = d;
    if (d.count > 1) {
      return svg`<rect class="${item.look} many" data-key=${item.key} x=${d.x} y=${y} width=${d.width} height=${height}><title>${d.count} items: zoom in to tell them apart</title></rect>`;
    }
    const isSelected = item.key === this.selectedBar;
    const text = cut(item.label, d.width - 6);
    const first = item.first !== undefined && d.width > 6 ? this.x(item.first) : undefined;
    return svg`<g class="${item.look}${isSelected ? " selected" : ""}" data-key=${item.key}><title>${item.title}</title>
      ${item.look === "response" && d.width > 8 && item.turn?.segments.length ? this.segments(item, y, height) : svg`<rect x=${d.x} y=${y} width=${d.width} height=${height} />`}
      ${first === undefined ? nothing : svg`<line class="first" x1=${first} x2=${first} y1=${y} y2=${y + height} />`}
      ${item.look === "response" ? this.sum(item, d, y, room) : text ? svg`<text x=${Math.max(d.x, 0) + 3} y=${y + height - 4.5}>${text}</text>` : nothing}
    </g>`;
  }

  private segments(item: Bar, y: number, height: number): SVGTemplateResult[] {
    let at = item.from;
    return (item.turn?.segments ?? []).map((segment) => {
      const x = this.x(at);
      at += segment.duration;
      return svg`<rect class=${segmentClass(segment.name)} x=${x} y=${y} width=${Math.max(this.x(at) - x, 0)} height=${height}><title>${segment.name}</title></rect>`;
    });
  }

  private sum(item: Bar, d: Drawn<Bar>, y: number, room: number): SVGTemplateResult | typeof nothing {
    if (d.width < 2 || item.label.length * 6.2 + 4 > room) return nothing;
    return svg`<text class="sum" x=${d.x + d.width + 3} y=${y + 14}>${item.label}</text>`;
  }
}

function short(lane: LaneOf): string {
  return ({ user: "User", agent: "Agent", response: "Resp.", other: "Other" } as Record<string, string>)[lane.name] ?? lane.label;
}

// A character is about 6.2 pixels wide.
function cut(label: string, width: number): string {
  const room = Math.floor(width / 6.2);
  if (label.length <= room) return label;
  return room < 3 ? "" : `${label.slice(0, room - 1)}…`;
}

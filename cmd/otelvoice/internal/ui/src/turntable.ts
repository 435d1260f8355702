// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, nothing, type TemplateResult } from "lit-html";
import { clock, count, seconds, visible, words } from "./format";
import type { Call, Turn } from "./model";
import { legend, stackedBar } from "./parts";

/** The height of a row, in pixels, as in the style sheet. */
const rowHeight = 30;
const around = 10;

/** The turns of a call, each with its stacked bar. Only the rows in sight are drawn. */
export class TurnTable {
  private top = 0;
  private revealed?: number;
  private readonly redraw: () => void;
  private readonly select: (turn: Turn) => void;

  constructor(redraw: () => void, select: (turn: Turn) => void) {
    this.redraw = redraw;
    this.select = select;
  }

  /** Scrolls so that a turn is in sight, after the next drawing. */
  reveal(position: number): void {
    this.revealed = position;
  }

  drawn(): void {
    const box = document.getElementById("turns");
    if (this.revealed === undefined || !box) return;
    const y = this.revealed * rowHeight;
    this.revealed = undefined;
    if (y < box.scrollTop || y + 2 * rowHeight > box.scrollTop + box.clientHeight) box.scrollTop = Math.max(y - box.clientHeight / 2, 0);
  }

  private readonly scrolled = (event: Event) => {
    const { scrollTop } = event.currentTarget as Element;
    if (Math.abs(scrollTop - this.top) < rowHeight) return;
    this.top = scrollTop;
    this.redraw();
  };

  render(call: Call, selected: number | undefined): TemplateResult {
    const { turns } = call;
    if (turns.length === 0) return html`<section><h2>Turns</h2><p class="quiet">No turn arrived yet. A turn appears when it ends.</p></section>`;
    const scale = turns.reduce((most, turn) => Math.max(most, turn.responseLatency ?? 0), 0);
    const from = Math.max(Math.floor(this.top / rowHeight) - around, 0);
    const to = Math.min(from + 14 + 2 * around, turns.length);
    return html`<section><h2>Turns <span class="quiet">(${count(turns.length)})</span></h2>${legend()}
      <div class="scroll turns" id="turns" role="region" aria-label="Turns" tabindex="0" @scroll=${this.scrolled}><table aria-rowcount=${turns.length + 1}>
        <thead><tr><th scope="col" class="number">Turn</th><th scope="col" class="number">Start</th><th scope="col" class="number">Latency</th><th scope="col" class="wide">Segments</th><th scope="col">Outcome</th></tr></thead>
        <tbody>
          ${from > 0 ? html`<tr aria-hidden="true"><td colspan="5" class="space" height=${from * rowHeight}></td></tr>` : nothing}
          ${turns.slice(from, to).map((turn) => this.row(turn, scale, turn.position === selected))}
          ${to < turns.length ? html`<tr aria-hidden="true"><td colspan="5" class="space" height=${(turns.length - to) * rowHeight}></td></tr>` : nothing}
        </tbody></table></div></section>`;
  }

  private row(turn: Turn, scale: number, isSelected: boolean): TemplateResult {
    const remarks = [turn.isOpen ? "in progress" : words(turn.outcome), turn.isSlow ? "slow" : "", turn.error ? `error ${visible(turn.error, 40)}` : "", turn.isFalseInterruption ? "false interruption" : ""];
    return html`<tr class=${isSelected ? "selected" : ""} aria-rowindex=${turn.position + 2} @click=${() => this.select(turn)}>
      <td class="number"><button type="button" class="plain link" aria-label="Turn ${turn.index}">${turn.index}</button></td>
      <td class="number">${turn.start === undefined ? "–" : clock(turn.start, 1)}</td>
      <td class="number ${turn.isSlow ? "bad" : ""}">${seconds(turn.responseLatency)}</td>
      <td class="wide">${turn.segments.length > 0 ? stackedBar(turn.segments, scale, turn.responseLatency) : nothing}</td>
      <td class="nowrap"><bdi>${remarks.filter((s) => s !== "" && s !== "–").join(", ")}</bdi></td></tr>`;
  }
}

const said = 100;

/** What was said, if it was recorded. It shows the turns around the selected one. */
export function transcript(call: Call, selected: number | undefined, select: (turn: Turn) => void): TemplateResult | typeof nothing {
  const spoken = call.turns.filter((turn) => turn.transcript !== undefined || turn.reply !== undefined);
  if (spoken.length === 0) return nothing;
  const i = Math.max(spoken.findIndex((turn) => turn.position >= (selected ?? 0)), 0);
  const from = Math.max(Math.min(i - said / 2, spoken.length - said), 0);
  const part = spoken.slice(from, from + said);
  return html`<section><h2>Transcript</h2>
    ${part.length < spoken.length ? html`<p class="quiet">${count(part.length)} of ${count(spoken.length)} turns, around the selected one.</p>` : nothing}
    <div class="scroll transcript" role="region" aria-label="Transcript" tabindex="0">
      ${part.map((turn) => html`<div class="exchange ${turn.position === selected ? "selected" : ""}">
        <button type="button" class="plain link" aria-label="Turn ${turn.index}" @click=${() => select(turn)}>${turn.index}</button>
        <div>${turn.transcript === undefined ? nothing : html`<p class="said user"><b>User</b> ${visible(turn.transcript, 1000)}</p>`}
        ${turn.reply === undefined ? nothing : html`<p class="said agent"><b>Agent</b> ${visible(turn.reply, 1000)}</p>`}</div></div>`)}
    </div></section>`;
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, nothing, type TemplateResult } from "lit-html";
import { levelClass } from "./details";
import { clock, count, value, visible } from "./format";
import type { Line } from "./model";
import { attributeTable, foreign } from "./parts";

const pageSize = 200;
const levels = ["error", "warn", "info", "debug"];

/** The log lines of a call, with a filter. */
export class LogLines {
  private text = "";
  private level = "debug";
  private isNear = false;
  private shown = pageSize;
  private readonly redraw: () => void;

  constructor(redraw: () => void) {
    this.redraw = redraw;
  }

  /** Returns the lines that the filter lets through. turn and stage are what is selected. */
  filter(lines: Line[], turn?: number, stage?: string): Line[] {
    const text = this.text.toLowerCase();
    const most = levels.indexOf(this.level);
    return lines.filter((line) => {
      const rank = levels.indexOf(levelClass(line.level));
      if ((rank < 0 ? 3 : rank) > most) return false;
      if (this.isNear && stage !== undefined && line.span !== stage) return false;
      if (this.isNear && stage === undefined && turn !== undefined && line.turn !== turn) return false;
      return text === "" || `${line.message} ${line.component} ${value(line.attributes ?? {}, 1 << 16)}`.toLowerCase().includes(text);
    });
  }

  render(lines: Line[], turn: number | undefined, stage: string | undefined, seek: (at: number) => void): TemplateResult {
    const found = this.filter(lines, turn, stage);
    const set = (change: () => void) => {
      change();
      this.shown = pageSize;
      this.redraw();
    };
    return html`<section class="logs"><h2>Log lines</h2>
      ${lines.length === 0
        ? html`<p class="quiet">No log line arrived. Send the logs of the agent too, or open its log file.</p>`
        : html`<form class="filters" @submit=${(e: Event) => e.preventDefault()}>
            <label class="field wide">Text <input type="search" name="lines" @input=${(e: Event) => set(() => (this.text = (e.target as HTMLInputElement).value))} /></label>
            <label class="field">Level <select name="level" @change=${(e: Event) => set(() => (this.level = (e.target as HTMLSelectElement).value))}>
              ${levels.map((level) => html`<option value=${level} ?selected=${level === this.level}>${level === "debug" ? "all" : level === "error" ? "error" : `${level} and above`}</option>`)}</select></label>
            <label class="toggle"><input type="checkbox" @change=${(e: Event) => set(() => (this.isNear = (e.target as HTMLInputElement).checked))} />of the selection only</label>
          </form>
          <p class="quiet">${count(found.length)} of ${count(lines.length)}</p>
          <div class="scroll lines" role="region" aria-label="Log lines" tabindex="0"><table><tbody>
            ${found.slice(0, this.shown).map((line) => html`<tr>
              <td class="number">${line.time === undefined ? nothing : html`<button type="button" class="plain link" @click=${() => seek(line.time!)}>${clock(line.time, 3)}</button>`}</td>
              <td class="level ${levelClass(line.level)}">${visible(line.level, 10)}</td>
              <td class="quiet">${foreign(line.component, 40)}</td>
              <td class="message">${foreign(line.message, 1000)} ${attributeTable("Attributes", line.attributes)}</td></tr>`)}
          </tbody></table></div>
          ${found.length > this.shown ? html`<p><button type="button" @click=${() => { this.shown += pageSize; this.redraw(); }}>Show more lines</button></p>` : nothing}`}
    </section>`;
  }
}

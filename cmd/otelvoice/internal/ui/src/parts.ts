// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, nothing, svg, type TemplateResult } from "lit-html";
import { seconds, value, visible, words } from "./format";
import type { Attributes, Segment } from "./model";

/** A text from outside, whose direction does not change that of the text around it. */
export function foreign(text: string | undefined, max = 200): TemplateResult {
  return html`<bdi>${visible(text, max)}</bdi>`;
}

export function problem(error: string): TemplateResult {
  return html`<p class="problem" role="alert"><strong>Error.</strong> ${foreign(error, 500)}</p>`;
}

export function copyable(id: string): TemplateResult {
  const copy = async (event: Event) => {
    const button = event.currentTarget as HTMLElement;
    try {
      await navigator.clipboard.writeText(id);
      button.textContent = "copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(button.previousElementSibling!);
      getSelection()?.removeAllRanges();
      getSelection()?.addRange(range);
      button.textContent = "selected";
    }
    setTimeout(() => (button.textContent = "copy"), 1500);
  };
  return html`<code>${foreign(id, 80)}</code> <button type="button" class="small" aria-label="Copy ${visible(id, 40)}" @click=${copy}>copy</button>`;
}

/** Pairs of names and values. Those without a value are left out. */
export function facts(pairs: [string, unknown][]): TemplateResult {
  return html`<dl class="facts">
    ${pairs
      .filter(([, v]) => v !== undefined && v !== "" && v !== "–")
      .map(([name, v]) => html`<div><dt>${name}</dt><dd>${v}</dd></div>`)}
  </dl>`;
}

const mostAttributes = 300;

export function attributeTable(title: string, attributes: Attributes | undefined): TemplateResult | typeof nothing {
  const names = Object.keys(attributes ?? {});
  if (!attributes || names.length === 0) return nothing;
  return html`<details>
    <summary>${title} (${names.length})</summary>
    <dl class="attributes">
      ${names.slice(0, mostAttributes).map((name) => html`<div><dt>${foreign(name, 120)}</dt><dd>${value(attributes[name])}</dd></div>`)}
    </dl>
    ${names.length > mostAttributes ? html`<p class="quiet">${names.length - mostAttributes} more are not shown; the JSON export has them.</p>` : nothing}
  </details>`;
}

/** The segments of a response latency, in the order in which they follow each other. */
export const segmentNames = ["transcription", "endpointing", "dispatch", "generation", "aggregation", "synthesis", "playout"];

export function segmentClass(name: string): string {
  return segmentNames.includes(name) ? `seg-${name}` : "seg-unknown";
}

/** The words of a stacked bar, for those who do not see it. */
export function segmentWords(segments: Segment[]): string {
  return segments.map((s) => `${words(s.name)} ${seconds(s.duration)}`).join(", ");
}

/** A stacked bar of segments. scale is the duration that is as long as the bar. */
export function stackedBar(segments: Segment[], scale: number, total: number | undefined): TemplateResult {
  let x = 0;
  const label = `Response latency ${seconds(total)}: ${segmentWords(segments)}`;
  return html`<svg class="stack" viewBox="0 0 1000 18" preserveAspectRatio="none" role="img" aria-label=${label}>
    ${segments.map((s) => {
      const width = scale > 0 ? (s.duration / scale) * 1000 : 0;
      const bar = svg`<rect x=${x} y="0" width=${width} height="18" class=${segmentClass(s.name)}><title>${words(s.name)} ${seconds(s.duration)}</title></rect>`;
      x += width;
      return bar;
    })}
  </svg>`;
}

/** The patterns that tell segments apart without colour. They are once in the page. */
export const patterns = svg`<defs>
  ${pattern("p-endpointing", "pat-endpointing", 45)} ${pattern("p-aggregation", "pat-aggregation", -45)}
  ${pattern("p-playout", "pat-playout", 0)} ${pattern("p-unknown", "pat-unknown", 90)}
  <pattern id="p-line" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="6" class="pat-overlap"/></pattern>
  <pattern id="p-back" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="1.5" height="7" class="pat-quiet"/></pattern>
</defs>`;

function pattern(id: string, look: string, angle: number) {
  return svg`<pattern id=${id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(${angle})"><rect width="6" height="6" class=${look}/><rect width="2" height="6" class="pat-ink"/></pattern>`;
}

export function legend(): TemplateResult {
  return html`<ul class="legend" aria-label="Segments of the response latency">
    ${segmentNames.map((name) => html`<li><svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" class=${segmentClass(name)} /></svg> ${name}</li>`)}
  </ul>`;
}

/** A small line of values, with the highest told. */
export function sparkline(values: number[]): TemplateResult {
  if (values.length === 0) return html`<span class="quiet">–</span>`;
  const kept = values.slice(-100);
  const top = Math.max(...kept, 0.001);
  const step = kept.length > 1 ? 96 / (kept.length - 1) : 0;
  const points = kept.map((v, i) => `${(2 + i * step).toFixed(1)},${(20 - (v / top) * 17).toFixed(1)}`);
  const label = `${values.length} response ${values.length === 1 ? "latency" : "latencies"}, at most ${seconds(Math.max(...values))}, last ${seconds(kept.at(-1))}`;
  return html`<svg class="spark" width="100" height="22" viewBox="0 0 100 22" role="img" aria-label=${label}>
      <title>${label}</title>
      ${kept.length > 1 ? svg`<polyline points=${points.join(" ")} />` : nothing}
      ${svg`<circle r="2" cx=${points.at(-1)!.split(",")[0]} cy=${points.at(-1)!.split(",")[1]} />`}
    </svg>`;
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, nothing, svg, type TemplateResult } from "lit-html";
import { again, ask } from "./api";
import { choice, choices, periods, since } from "./filter";
import { count, percent, seconds, words } from "./format";
import { fields, list, number, text } from "./json";
import type { Page, Shell } from "./page";
import { problem } from "./parts";
import { link, type Route } from "./route";

interface Difference {
  measure: string;
  quantile: string;
  base?: number;
  new?: number;
  difference?: number;
  relative?: number;
  low?: number;
  high?: number;
  isSignificant: boolean;
  isFew: boolean;
  /** Too few calls, and not only too few turns. */
  isFewCalls: boolean;
}

/** Reads a row of a comparison. */
export function readDifference(v: unknown): Difference {
  const row = fields(v);
  const isFew = row.few === true;
  return {
    measure: text(row.measure) ?? text(row.series) ?? "unknown",
    quantile: text(row.quantile) ?? text(row.statistic) ?? "",
    base: number(row.base),
    new: number(row.new),
    difference: number(row.difference) ?? number(row.change),
    relative: number(row.relative),
    low: number(row.low),
    high: number(row.high),
    isSignificant: row.is_significant === true || row.is_real === true,
    isFew,
    isFewCalls: row.few_calls === true,
  };
}

const sides = ["base", "new"] as const;
const narrowing = [...choices, "since", "until"];

/** The differences between two sets of calls. */
export function comparePage(shell: Shell, route: Route): Page {
  const query = route.query;
  let answer: Record<string, unknown> | undefined;
  let facets: Record<string, string[]> = {};
  let error: string | undefined;
  let isRead = false;
  const get = (side: string, name: string) => query.get(`${side}_${name}`) ?? "";
  const isChosen = () => sides.some((side) => narrowing.some((name) => get(side, name) !== ""));

  const refresh = again(async () => {
    try {
      const newest = fields(await ask("/api/calls", new URLSearchParams({ limit: "1" })));
      facets = readFacets(newest);
      if (!isChosen()) {
        // The two newest versions of the agent that was called last.
        const agent = (facets.agent ?? []).length > 1 ? text(fields(list(newest.calls)[0]).agent) : undefined;
        const versions = (agent ? readFacets(fields(await ask("/api/calls", new URLSearchParams({ limit: "1", agent })))) : facets).version ?? [];
        if (versions.length > 1) {
          query.set("base_version", versions.at(-2)!);
          query.set("new_version", versions.at(-1)!);
          if (agent) for (const side of sides) query.set(`${side}_agent`, agent);
        }
      }
      if (isChosen()) {
        const params = new URLSearchParams();
        for (const side of sides) {
          const one = new URLSearchParams();
          for (const name of narrowing) if (get(side, name)) one.set(name, name === "since" || name === "until" ? since(get(side, name), Date.now()) : get(side, name));
          params.set(side, one.toString());
        }
        answer = fields(await ask("/api/compare", params));
      } else {
        answer = undefined;
      }
      error = undefined;
      isRead = true;
    } catch (e) {
      error = (e as Error).message;
    }
    shell.redraw();
  });
  refresh();

  function set(side: string, name: string, v: string): void {
    if (v === "") query.delete(`${side}_${name}`);
    else query.set(`${side}_${name}`, v);
    history.replaceState(null, "", link("compare", undefined, Object.fromEntries(query)));
    refresh();
    shell.redraw();
  }

  function period(side: string, name: string, label: string): TemplateResult {
    return html`<label class="field">${label} <input type="text" name=${`${side}_${name}`} list="periods" autocomplete="off" spellcheck="false" maxlength="40" placeholder="any time"
      .value=${get(side, name)} @change=${(e: Event) => set(side, name, (e.target as HTMLInputElement).value.trim())} /></label>`;
  }

  function result(): TemplateResult {
    const rows = list(answer?.rows).map(readDifference);
    const [base, next] = sides.map((side) => fields(answer?.[side]));
    const size = (side: Record<string, unknown>) => `${count(number(side.turns))} turns of ${count(number(side.calls))} calls`;
    if (rows.length === 0) {
      return html`<div class="empty"><h2>Nothing to compare</h2><p>Base has ${size(base)}, new has ${size(next)}. Both need turns with a response latency.</p></div>`;
    }
    const reach = Math.max(...rows.flatMap((r) => [Math.abs(r.low ?? 0), Math.abs(r.high ?? 0), Math.abs(r.difference ?? 0)]), 0.001);
    return html`<p>Base: ${size(base)}. New: ${size(next)}. Intervals are of 95 %.</p>
      <div class="scroll" role="region" aria-label="Differences" tabindex="0"><table class="compare">
        <thead><tr><th scope="col">Measure</th><th scope="col" class="number">Base</th><th scope="col" class="number">New</th><th scope="col" class="number">Difference</th>
          <th scope="col">Interval (${seconds(-reach)} to ${seconds(reach)})</th><th scope="col">Verdict</th></tr></thead>
        <tbody>${rows.slice(0, 200).map((r) => row(r, reach))}</tbody></table></div>`;
  }

  return {
    title: () => "Compare",
    render: () => html`<h1>Compare</h1>
      <form class="two" @submit=${(e: Event) => e.preventDefault()}>
        ${sides.map((side) => html`<fieldset class="filters"><legend>${side === "base" ? "Base" : "New"}</legend>
          ${choices.map((name) => choice(name, get(side, name), facets[name] ?? [], (v) => set(side, name, v)))}
          ${period(side, "since", "From")} ${period(side, "until", "Until")}</fieldset>`)}
        <datalist id="periods">${periods.map(([v, p]) => html`<option value=${v}>${p} ago</option>`)}</datalist>
      </form>
      <p class="quiet">From and until are a time such as 2026-03-01T09:00:00Z, a day such as 2026-03-01, or how long ago: 2h.</p>
      ${error ? problem(error) : nothing}
      ${answer && isChosen() ? result() : error ? nothing : !isRead || isChosen() ? html`<p class="quiet">Loading…</p>` : html`<div class="empty"><h2>Choose two sets of calls</h2><p>Choose a version or a period for base and for new. The page shows how the latencies differ, and whether the difference is more than noise.</p></div>`}`,
  };
}

function readFacets(answer: Record<string, unknown>): Record<string, string[]> {
  const facets: Record<string, string[]> = {};
  for (const [name, values] of Object.entries(fields(answer.facets))) facets[name] = list(values).flatMap((v) => text(v) ?? []);
  return facets;
}

/** Says in words what a difference means. */
export function verdict(d: Difference): string {
  if (d.isFewCalls) return "too few calls";
  if (d.isFew) return "too few turns";
  if (!d.isSignificant) return "no significant difference";
  return (d.difference ?? 0) > 0 ? "significant: slower" : "significant: faster";
}

function row(d: Difference, reach: number): TemplateResult {
  const said = verdict(d);
  const look = !d.isSignificant || d.isFew ? "" : (d.difference ?? 0) > 0 ? "slower" : "faster";
  const sign = (s: number | undefined) => (s === undefined ? "–" : `${s > 0 ? "+" : ""}${seconds(s)}`);
  const relative = d.relative === undefined ? "" : ` (${d.relative > 0 ? "+" : ""}${percent(d.relative, 1)})`;
  return html`<tr><th scope="row">${words(d.measure)} ${words(d.quantile)}</th><td class="number">${seconds(d.base)}</td><td class="number">${seconds(d.new)}</td>
    <td class="number">${sign(d.difference)}${relative}</td><td>${interval(d, reach, look)}<span class="sr">${hasInterval(d) ? `${sign(d.low)} to ${sign(d.high)}` : "unknown"}</span></td>
    <td class="verdict ${look}">${look === "slower" ? "▲ " : look === "faster" ? "▼ " : ""}${said}</td></tr>`;
}

function hasInterval(d: Difference): d is Difference & { low: number; high: number } {
  return d.low !== undefined && d.high !== undefined;
}

function interval(d: Difference, reach: number, look: string): TemplateResult {
  const x = (v: number) => 100 + (v / reach) * 95;
  return html`<svg class="interval ${look}" width="200" height="20" viewBox="0 0 200 20" aria-hidden="true"><line class="zero" x1="100" x2="100" y1="0" y2="20" />
    ${hasInterval(d) ? svg`<line x1=${x(d.low)} x2=${x(d.high)} y1="10" y2="10" /><line x1=${x(d.low)} x2=${x(d.low)} y1="5" y2="15" /><line x1=${x(d.high)} x2=${x(d.high)} y1="5" y2="15" />` : nothing}
    ${d.difference === undefined ? nothing : svg`<circle cx=${x(d.difference)} cy="10" r="4" />`}</svg>`;
}

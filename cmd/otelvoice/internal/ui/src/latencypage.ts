// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, nothing, type TemplateResult } from "lit-html";
import { again, ask } from "./api";
import { choice, choices, periods, since } from "./filter";
import { count, seconds, words } from "./format";
import { duration, fields, list, number, text } from "./json";
import type { Page, Shell } from "./page";
import { foreign, problem, segmentNames } from "./parts";
import { type Bin, Plot, type Point, wideBin } from "./plot";
import { link, type Route } from "./route";

const groupings = ["model", "provider", "version", "agent", "channel"];
const quantiles = ["p50", "p90", "p95", "p99"];

/** How long calls made people wait: percentiles, the distribution, and turns over time. */
export function latencyPage(shell: Shell, route: Route): Page {
  const query = route.query;
  const scatter = new Plot("points");
  const distribution = new Plot("histogram");
  let answer: Record<string, unknown> | undefined;
  let facets: Record<string, string[]> = {};
  let error: string | undefined;
  let version = 0;
  let points: (Point & { call: string; turn?: number })[] = [];
  let bins: Bin[] = [];
  const get = (name: string) => query.get(name) ?? "";

  const refresh = again(async () => {
    const params = new URLSearchParams({ by: get("by") || "model", segment: get("segment") || "response" });
    for (const name of choices) if (get(name)) params.set(name, get(name));
    if (get("period")) params.set("since", since(get("period"), Date.now()));
    try {
      answer = fields(await ask("/api/latency", params));
      facets = {};
      for (const [name, values] of Object.entries(fields(fields(await ask("/api/calls", new URLSearchParams({ limit: "1" }))).facets))) {
        facets[name] = list(values).flatMap((v) => text(v) ?? []);
      }
      points = list(answer.points).flatMap((each) => {
        const p = fields(each);
        const value = duration(p.value);
        const call = text(p.call);
        if (value === undefined || call === undefined) return [];
        const turn = number(p.turn);
        return [{ time: Date.parse(text(p.time) ?? "") / 1000, value, group: text(p.group) ?? "", call, turn, href: link("calls", call, { turn }) }];
      });
      bins = list(answer.histogram).flatMap((each) => {
        const b = fields(each);
        const [from, to, n] = [number(b.from), number(b.to), number(b.count)];
        return from === undefined || to === undefined || n === undefined ? [] : [{ from, to, count: n }];
      });
      version++;
      error = undefined;
    } catch (e) {
      error = (e as Error).message;
    }
    shell.redraw();
  });
  const resized = () => shell.redraw();
  addEventListener("resize", resized);
  refresh();

  function set(name: string, v: string): void {
    if (v === "") query.delete(name);
    else query.set(name, v);
    history.replaceState(null, "", link("latency", undefined, Object.fromEntries(query)));
    refresh();
    shell.redraw();
  }

  function table(caption: string, rows: unknown[], isMeasure: boolean): TemplateResult {
    return html`<div class="scroll" role="region" aria-label=${caption} tabindex="0"><table>
      <thead><tr><th scope="col">${caption}</th>${quantiles.map((q) => html`<th scope="col" class="number">${q}</th>`)}<th scope="col" class="number">Turns</th></tr></thead>
      <tbody>${rows.slice(0, 100).map(fields).map((row) => {
        const name = text(row.name);
        return html`<tr><th scope="row">${isMeasure ? words(name) : name ? foreign(name, 60) : html`<span class="quiet">unknown</span>`}</th>
          ${quantiles.map((q) => html`<td class="number">${seconds(number(row[q]))}</td>`)}<td class="number">${count(number(row.count))}</td></tr>`;
      })}</tbody></table></div>`;
  }

  function groups(): string[] {
    const told = list(answer?.groups).map((each) => text(fields(each).name) ?? "");
    return [...new Set([...told, ...points.map((p) => p.group)])];
  }

  function result(): TemplateResult {
    const measured = list(answer?.segments);
    const segment = words(get("segment") || "response latency");
    const rest = wideBin(bins);
    if (measured.length === 0 && points.length === 0) {
      return html`<div class="empty"><h2>No turn has a response latency</h2><p>${[...query.keys()].length > 0 ? "Choose other values for the filter." : "Turns appear here when they end. The page Health shows what arrives."}</p></div>`;
    }
    const slowest = [...points].sort((a, b) => b.value - a.value).slice(0, 20);
    const names = groups();
    return html`${answer?.is_cut === true ? html`<p class="note">There are more turns than are read: the newest are shown.</p>` : nothing}
      <div class="two">
        <section><h2>By ${get("by") || "model"}: ${segment}</h2>${table(words(get("by") || "model"), list(answer?.groups), false)}</section>
        <section><h2>All segments</h2>${table("Segment", measured, true)}</section>
      </div>
      <section><h2>Over time: ${segment}</h2>
        <ul class="legend" aria-label="Groups">${names.slice(0, 8).map((name, i) => html`<li><span class="shape shape-${i % 5} series-${i}" aria-hidden="true">${"●■▲◆✕"[i % 5]}</span> ${name === "" ? "unknown" : foreign(name, 60)}</li>`)}</ul>
        <div id="points" class="plot" role="img" aria-label="Turns over time. The slowest are listed below."></div>
        <p class="quiet">A click on a point opens its call. Drag zooms, double click fits.</p></section>
      <div class="two">
        <section><h2>Distribution: ${segment}</h2><div id="histogram" class="plot" role="img" aria-label="Distribution of ${segment}, ${count(bins.reduce((sum, b) => sum + b.count, 0))} turns"></div>
          ${rest ? html`<p class="quiet">The last bar has all turns from ${seconds(rest.from)} to ${seconds(rest.to)}.</p>` : nothing}</section>
        <section><h2>Slowest turns</h2><ol class="slowest" tabindex="0" aria-label="Slowest turns">${slowest.map((p) => html`<li><a href=${p.href}>${seconds(p.value)}</a> <span class="quiet">${p.group === "" ? "" : html`${foreign(p.group, 40)}, `}call ${foreign(p.call, 30)}${p.turn === undefined ? "" : `, turn ${p.turn}`}</span></li>`)}</ol></section>
      </div>`;
  }

  return {
    title: () => "Latency",
    changed: refresh,
    leave() {
      removeEventListener("resize", resized);
      scatter.stop();
      distribution.stop();
    },
    drawn() {
      if (!answer) return;
      scatter.points(String(version), points, groups());
      distribution.histogram(String(version), bins);
    },
    render: () => html`<h1>Latency</h1>
      <form class="filters" @submit=${(e: Event) => e.preventDefault()}>
        ${choice("segment", get("segment") || "response", ["response", ...segmentNames], (v) => set("segment", v), "")}
        ${choice("by", get("by") || "model", groupings, (v) => set("by", v), "")}
        ${choices.map((name) => choice(name, get(name), facets[name] ?? [], (v) => set(name, v)))}
        <label class="field">Period <select name="period" @change=${(e: Event) => set("period", (e.target as HTMLSelectElement).value)}>
          <option value="" ?selected=${get("period") === ""}>all</option>${periods.map(([v, label]) => html`<option value=${v} ?selected=${v === get("period")}>last ${label}</option>`)}</select></label>
      </form>
      ${error ? problem(error) : nothing} ${answer ? result() : error ? nothing : html`<p class="quiet">Loading…</p>`}`,
  };
}

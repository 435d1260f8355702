// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { again, ask } from "./api";
import { choice, choices, switches, toggle } from "./filter";
import { count, instant, money, seconds, words } from "./format";
import { fields, texts } from "./json";
import type { Page, Shell } from "./page";
import { foreign, problem, sparkline } from "./parts";
import { link, type Route } from "./route";
import { type CallList, readCallList, type Row, type SortKey, sortRows } from "./row";

const pageSize = 100;
const columns: [key: SortKey | undefined, label: string][] = [
  ["start", "Start"], [undefined, "Agent"], [undefined, "Outcome"], ["duration", "Duration"], ["turns", "Turns"],
  ["latency", "Response latency"], ["errors", "Remarks"], ["cost", "Cost"],
];

/** The list of calls. */
export function callsPage(shell: Shell, route: Route): Page {
  let query = route.query;
  let found: CallList | undefined;
  let more: Row[] = [];
  let next: CallList["next"];
  let error: string | undefined;
  let selected: string | undefined;
  let typing: number | undefined;
  let left = false;
  let receivers: string[] | undefined; // The addresses that agents send to, once the list was empty.

  const get = (name: string) => query.get(name) ?? "";
  const sort = () => (get("sort") || "start") as SortKey;
  const isDescending = () => get("order") !== "up";
  const rows = () => {
    const all = [...(found?.rows ?? []), ...more];
    const seen = new Set<string>();
    return sortRows(all.filter((row) => !seen.has(row.id) && seen.add(row.id)), sort(), isDescending());
  };

  function asked(extra?: [string, string]): URLSearchParams {
    const params = new URLSearchParams({ limit: String(pageSize) });
    for (const [name, v] of query) if (name !== "sort" && name !== "order" && v !== "") params.set(name, v);
    if (extra) params.set(...extra);
    return params;
  }

  async function read(): Promise<void> {
    const params = asked();
    try {
      const answer = readCallList(await ask("/api/calls", params));
      if (answer.rows.length === 0 && !receivers) receivers = texts(fields(await ask("/api/health")).listening);
      if (left || params.toString() !== asked().toString()) return;
      found = answer;
      if (more.length === 0) next = answer.next;
      error = undefined;
    } catch (e) {
      error = (e as Error).message;
    }
    shell.redraw();
  }
  const refresh = again(read);

  async function readMore(): Promise<void> {
    if (!next) return;
    try {
      const answer = readCallList(await ask("/api/calls", asked(next)));
      more = [...more, ...answer.rows];
      next = answer.next;
      shell.say(`${count(rows().length)} calls are shown.`);
    } catch (e) {
      error = (e as Error).message;
    }
    shell.redraw();
  }

  function set(name: string, v: string): void {
    if (v === "") query.delete(name);
    else query.set(name, v);
    history.replaceState(null, "", link("calls", undefined, Object.fromEntries(query)));
    if (name !== "sort" && name !== "order") {
      more = [];
      next = undefined;
      refresh();
    }
    shell.redraw();
  }

  function type(name: string) {
    return (event: Event) => {
      clearTimeout(typing);
      const { value } = event.target as HTMLInputElement;
      typing = setTimeout(() => set(name, value.trim()), 250);
    };
  }

  function address(row: Row): string {
    return link("calls", row.id, { turn_id: row.foundTurn, stage: row.foundSpan });
  }

  function choose(by: number): void {
    const all = rows();
    const i = all.findIndex((row) => row.id === selected);
    const row = all[i < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(i + by, 0), all.length - 1)];
    if (!row) return;
    selected = row.id;
    shell.redraw();
    requestAnimationFrame(() => {
      const element = document.querySelector<HTMLElement>("tr.selected a");
      element?.focus({ preventScroll: true });
      element?.closest("tr")?.scrollIntoView({ block: "nearest" });
    });
  }

  refresh();

  return {
    title: () => "Calls",
    render: () => html`<h1>Calls</h1>
      <form class="filters" role="search" @submit=${(e: Event) => e.preventDefault()}>
        <label class="field wide">Text
          <input type="search" name="text" id="search" .value=${get("text")} placeholder="names, log lines, content" @input=${type("text")} /></label>
        <label class="field wide">ID
          <input type="search" name="id" .value=${get("id")} placeholder="session, correlation, trace, request …" @input=${type("id")} /></label>
        ${choices.map((name) => choice(name, get(name), found?.facets[name] ?? [], (v) => set(name, v)))}
        <span class="toggles">${switches.map(([name, label]) => toggle(name, label, get(name) === "1", (on) => set(name, on ? "1" : "")))}</span>
      </form>
      ${error ? problem(error) : nothing} ${found ? table() : error ? nothing : html`<p class="quiet">Loading…</p>`}`,
    follow(to) {
      query = to.query;
      more = [];
      next = undefined;
      refresh();
      shell.redraw();
      return true;
    },
    changed: refresh,
    leave() {
      left = true;
      clearTimeout(typing);
    },
    key(event) {
      switch (event.key) {
        case "/":
          document.getElementById("search")?.focus();
          return true;
        case "j": case "ArrowDown":
          choose(1);
          return true;
        case "k": case "ArrowUp":
          choose(-1);
          return true;
        case "Enter": {
          const isControl = (event.target as Element | null)?.closest("a, button");
          const row = rows().find((each) => each.id === selected);
          if (!row || isControl) return false;
          location.hash = address(row);
          return true;
        }
      }
      return false;
    },
  };

  function table(): TemplateResult {
    const all = rows();
    if (all.length === 0) return empty();
    return html`<p class="quiet" aria-live="off">${count(found?.total ?? all.length)} ${(found?.total ?? all.length) === 1 ? "call" : "calls"}.
        Keys: <kbd>j</kbd> <kbd>k</kbd> choose, <kbd>Enter</kbd> opens, <kbd>/</kbd> searches.</p>
      <div class="scroll" role="region" aria-label="Table of calls" tabindex="0"><table class="calls">
        <thead><tr>${columns.map(([key, label]) => heading(key, label))}</tr></thead>
        <tbody>${repeat(all, (row) => row.id, (row) => line(row))}</tbody>
      </table></div>
      ${next ? html`<p><button type="button" @click=${readMore}>Show more calls</button></p>` : nothing}`;
  }

  function heading(key: SortKey | undefined, label: string): TemplateResult {
    if (!key) return html`<th scope="col">${label}</th>`;
    const isBy = sort() === key;
    const order = isBy ? (isDescending() ? "descending" : "ascending") : "none";
    const change = () => {
      set("order", isBy && isDescending() ? "up" : "");
      set("sort", key);
    };
    return html`<th scope="col" aria-sort=${order}><button type="button" class="plain" @click=${change}>${label}${isBy ? (isDescending() ? " ▾" : " ▴") : ""}</button></th>`;
  }

  function line(row: Row): TemplateResult {
    const remarks: [n: number | undefined, kind: string, label: string][] = [
      [row.errors, "error", row.errors === 1 ? "error" : "errors"],
      [row.slowTurns, "slow", "slow"],
      [row.interruptions, "cut", row.interruptions === 1 ? "interruption" : "interruptions"],
    ];
    const open = (event: Event) => {
      selected = row.id;
      if (!(event.target as Element).closest("a") && !getSelection()?.toString()) location.hash = address(row);
    };
    return html`<tr class=${row.id === selected ? "selected" : ""} @click=${open}>
      <td><a href=${address(row)}>${instant(row.start)}</a> ${row.isOpen ? html`<span class="tag open">live</span>` : nothing}
        <div class="quiet id">${foreign(row.id, 40)}</div></td>
      <td>${foreign(row.agent, 60)} <span class="quiet">${foreign(row.version, 30)}</span><div class="quiet">${foreign(row.channel, 30)}</div></td>
      <td>${row.outcome ? html`<bdi>${words(row.outcome)}</bdi>` : html`<span class="quiet">${row.isOpen ? "in progress" : "unknown"}</span>`}
        ${row.endReason ? html`<div class="quiet"><bdi>${words(row.endReason)}</bdi></div>` : nothing}</td>
      <td class="number" data-label="Duration">${seconds(row.duration)}</td>
      <td class="number" data-label="Turns">${count(row.turns)}</td>
      <td class="nowrap">${sparkline(row.latencies)} ${row.latencies.length > 0 ? html`<span class="quiet">max ${seconds(Math.max(...row.latencies))}</span>` : nothing}</td>
      <td>${remarks.map(([n, kind, label]) => (n ? html`<span class="tag ${kind}">${count(n)} ${label}</span> ` : nothing))}</td>
      <td class="number" data-label="Cost">${money(row.cost)}</td>
    </tr>`;
  }

  function empty(): TemplateResult {
    const isFiltered = [...query.keys()].some((name) => name !== "sort" && name !== "order");
    if (isFiltered) {
      const clear = () => (location.hash = link("calls"));
      return html`<div class="empty"><h2>No call matches the filter</h2><p><button type="button" @click=${clear}>Clear the filter</button></p></div>`;
    }
    const open = html`<code>otelvoice view calls.log traces.json</code>`;
    const receiver = receivers?.[0];
    if (receiver === undefined) return html`<div class="empty"><h2>No call</h2><p>This viewer shows files and receives nothing. To open others: ${open}</p></div>`;
    const isGRPC = receiver.startsWith("grpc:");
    const address = `http://${location.hostname}:${receiver.split(":").at(-1)}`;
    return html`<div class="empty">
      <h2>No call yet</h2>
      <p>Send telemetry to this viewer. Start an agent with:</p>
      <pre tabindex="0">OTEL_EXPORTER_OTLP_ENDPOINT=${address} OTEL_EXPORTER_OTLP_PROTOCOL=${isGRPC ? "grpc" : "http/protobuf"} your-agent</pre>
      <p>Or open files: ${open}</p>
      <p class="quiet">Calls appear here as they arrive. The page <a href="#/health">Health</a> shows what arrives.</p>
    </div>`;
  }
}

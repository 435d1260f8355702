// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, nothing, type TemplateResult } from "lit-html";
import { clock, count, money, seconds, visible, words } from "./format";
import type { Call, Line, Mark, Stage, Turn } from "./model";
import { attributeTable, copyable, facts, foreign, segmentClass, stackedBar } from "./parts";

/** What the panel of details needs. */
export interface Actions {
  stage(stage: Stage): void;
  turn(turn: Turn): void;
  close(): void;
}

export function stageDetails(call: Call, stage: Stage, actions: Actions): TemplateResult {
  const turn = stage.turn === undefined ? undefined : call.turns[stage.turn];
  const siblings = (turn?.stages ?? call.other).filter((s) => s.lane === stage.lane && s.depth === stage.depth);
  const attempts = siblings.filter((s) => (s.attempt ?? 1) > 1 || (s.fallback ?? 0) > 0 || s.error).length > 0 ? siblings : [];
  const lines = call.lines.filter((line) => line.span === stage.key);
  return html`<header><h2>${foreign(stage.name, 120)}</h2><button type="button" class="small" @click=${actions.close}>Close</button></header>
    ${stage.error ? html`<p class="problem"><strong>Error.</strong> ${foreign(stage.error, 500)}</p>` : nothing}
    ${facts([
      ["Turn", turn ? html`<button type="button" class="plain link" @click=${() => actions.turn(turn)}>${turn.index}</button>` : "outside of turns"],
      ["Kind", html`<bdi>${words(stage.kind)}</bdi>`],
      ["Provider", stage.provider && foreign(stage.provider)],
      ["Model", stage.model && foreign(stage.model)],
      ["Start", stage.start === undefined ? undefined : clock(stage.start, 3)],
      ["Duration", stage.duration === undefined ? "not ended" : seconds(stage.duration)],
      ["First output after", stage.first === undefined ? undefined : seconds(stage.first)],
      ["Outcome", stage.outcome && html`<bdi>${words(stage.outcome)}</bdi>`],
      ["Attempt", stage.attempt],
      ["Fallback", stage.fallback],
      ["Resent by the HTTP client", stage.resends],
      ["Tokens read", stage.tokens?.input === undefined ? undefined : count(stage.tokens.input) + (stage.tokens.cached ? `, of them ${count(stage.tokens.cached)} cached` : "")],
      ["Tokens written", stage.tokens?.output === undefined ? undefined : count(stage.tokens.output)],
      ["Characters", stage.characters === undefined ? undefined : count(stage.characters)],
      ["Cost", stage.cost && money(stage.cost)],
    ])}
    ${stage.requests.slice(0, 20).map((id) => html`<p class="id-line">Request ID ${copyable(id)}</p>`)}
    ${stage.span ? html`<p class="id-line">Span ${copyable(stage.span)}</p>` : nothing}
    ${attempts.length > 1
      ? html`<h3>Attempts</h3><ol class="attempts">${attempts.slice(0, 50).map(
          (s) => html`<li><button type="button" class="plain link" aria-current=${s === stage ? "true" : "false"} @click=${() => actions.stage(s)}>${foreign(s.name, 60)}</button>
            ${seconds(s.duration)}${s.error ? html`, <span class="bad">error ${foreign(s.error, 60)}</span>` : nothing}</li>`,
        )}</ol>`
      : nothing}
    ${events(stage.events)} ${logs(lines)} ${attributeTable("Attributes", stage.attributes)}`;
}

export function turnDetails(call: Call, turn: Turn, actions: Actions): TemplateResult {
  const total = turn.segments.reduce((sum, s) => sum + s.duration, 0);
  const lines = call.lines.filter((line) => line.turn === turn.index && line.span === undefined);
  return html`<header><h2>Turn ${turn.index}</h2><button type="button" class="small" @click=${actions.close}>Close</button></header>
    ${turn.error ? html`<p class="problem"><strong>Error.</strong> ${foreign(turn.error, 500)}</p>` : nothing}
    ${facts([
      ["Started by", turn.initiator && html`<bdi>${words(turn.initiator)}</bdi>`],
      ["Outcome", turn.isOpen ? "in progress" : turn.outcome && html`<bdi>${words(turn.outcome)}</bdi>`],
      ["Start", turn.start === undefined ? undefined : clock(turn.start, 3)],
      ["Duration", turn.duration === undefined ? undefined : seconds(turn.duration)],
      ["Response latency", turn.responseLatency === undefined ? undefined : seconds(turn.responseLatency)],
      ["Measured from", turn.anchor && html`<bdi>${words(turn.anchor)}</bdi>`],
      ["Over budget", turn.overBudget.length > 0 ? foreign(turn.overBudget.slice(0, 10).map((s) => words(s)).join(", ")) : turn.isSlow ? "response latency" : undefined],
      ["Queued", turn.queued === undefined ? undefined : seconds(turn.queued)],
      ["Played", turn.played === undefined ? undefined : seconds(turn.played)],
      ["Underruns", turn.underruns && `${count(turn.underruns.count)}, ${seconds(turn.underruns.duration)}`],
      ["Interrupted", turn.interruption && html`${turn.interruption.at === undefined ? "" : `at ${clock(turn.interruption.at, 2)} `}${foreign(turn.interruption.source && `by ${words(turn.interruption.source)}`)}`],
      ["Heard of the answer", turn.interruption?.played === undefined ? undefined : seconds(turn.interruption.played)],
      ["False interruption", turn.isFalseInterruption ? "yes" : undefined],
      ["Cost", turn.cost && money(turn.cost)],
    ])}
    ${turn.segments.length > 0
      ? html`<h3>Segments of the response latency</h3>${stackedBar(turn.segments, total, turn.responseLatency)}
        <table class="segments"><tbody>${turn.segments.map(
          (s) => html`<tr><td><svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" class=${segmentClass(s.name)} /></svg> ${words(s.name)}</td><td class="number">${seconds(s.duration)}</td></tr>`,
        )}<tr><th scope="row">sum</th><td class="number">${seconds(total)}</td></tr></tbody></table>`
      : nothing}
    ${turn.transcript !== undefined || turn.reply !== undefined
      ? html`<h3>Transcript</h3>${turn.transcript === undefined ? nothing : html`<p class="said user"><b>User</b> ${foreign(turn.transcript, 3000)}</p>`}
        ${turn.reply === undefined ? nothing : html`<p class="said agent"><b>Agent</b> ${foreign(turn.reply, 3000)}</p>`}`
      : nothing}
    ${turn.stages.length > 0
      ? html`<h3>Stages</h3><ul class="stages">${turn.stages.slice(0, 200).map(
          (s) => html`<li class="depth-${Math.min(s.depth, 4)}"><button type="button" class="plain link" @click=${() => actions.stage(s)}>${foreign(s.name, 60)}</button>
            <span class="quiet">${s.start === undefined ? "" : clock(s.start, 2)}, ${seconds(s.duration)}</span>${s.error ? html` <span class="bad">error ${foreign(s.error, 60)}</span>` : nothing}</li>`,
        )}</ul>`
      : nothing}
    ${turn.id ? html`<p class="id-line">Turn ${copyable(turn.id)}</p>` : nothing} ${turn.trace ? html`<p class="id-line">Trace ${copyable(turn.trace)}</p>` : nothing}
    ${events(turn.marks)} ${logs(lines)} ${attributeTable("Media", turn.media)} ${attributeTable("Attributes", turn.attributes)}`;
}

function events(marks: Mark[]): TemplateResult | typeof nothing {
  if (marks.length === 0) return nothing;
  return html`<details><summary>Events (${marks.length})</summary><ul class="plain-list">
    ${marks.slice(0, 200).map(
      (m) => html`<li>${m.time === undefined ? "" : html`<span class="quiet">${clock(m.time, 3)}</span> `}${foreign(m.kind, 100)} ${m.text ? foreign(m.text) : nothing} ${attributeTable("Attributes", m.attributes)}</li>`,
    )}</ul></details>`;
}

function logs(lines: Line[]): TemplateResult | typeof nothing {
  if (lines.length === 0) return nothing;
  return html`<details open><summary>Log lines (${lines.length})</summary><ul class="plain-list">
    ${lines.slice(0, 100).map((line) => html`<li><span class="quiet">${line.time === undefined ? "" : clock(line.time, 3)}</span> <span class="level ${levelClass(line.level)}">${visible(line.level, 10)}</span> ${foreign(line.message, 1000)}</li>`)}</ul></details>`;
}

export function levelClass(level: string): string {
  const found = ["error", "warn", "debug", "trace"].find((each) => level.toLowerCase().startsWith(each));
  return found ?? "info";
}

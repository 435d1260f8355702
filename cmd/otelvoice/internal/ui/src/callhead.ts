// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, nothing, type TemplateResult } from "lit-html";
import { clock, instant, money, percent, seconds, words } from "./format";
import type { Call } from "./model";
import { copyable, facts, foreign } from "./parts";

/** What a call is: who, when, how it ended, and its IDs. */
export function callHead(call: Call): TemplateResult {
  const spoken = (call.talk.user ?? 0) + (call.talk.agent ?? 0);
  const ratio = call.talk.user !== undefined && call.talk.agent !== undefined && spoken > 0 ? `user ${percent(call.talk.user / spoken)}, agent ${percent(call.talk.agent / spoken)}` : undefined;
  const silences = call.deadAir.flatMap((each) => each.duration ?? []);
  const dead = silences.length > 0 ? silences.reduce((sum, each) => sum + each, 0) : undefined; // Unknown is not 0.
  const slow = call.turns.filter((turn) => turn.isSlow).length;
  const cut = call.turns.filter((turn) => turn.interruption).length;
  return html`<h1>Call ${foreign(call.id, 60)} ${call.isOpen ? html`<span class="tag open">live</span>` : nothing}</h1>
    ${call.error ? html`<p class="problem"><strong>Error.</strong> ${foreign(call.error, 500)}</p>` : nothing}
    ${facts([
      ["Start", instant(call.start)],
      ["Duration", call.duration === undefined ? (call.isOpen ? "in progress" : undefined) : call.duration >= 60 ? clock(call.duration, 1) : seconds(call.duration)],
      ["Agent", call.agent && html`${foreign(call.agent, 60)} ${foreign(call.version, 30)}`],
      ["Framework", call.framework && foreign(call.framework, 60)],
      ["Experiment", call.experiment && foreign(call.experiment, 60)],
      ["Channel", call.channel && html`<bdi>${words(call.channel)}</bdi>`],
      ["Outcome", call.outcome ? html`<strong><bdi>${words(call.outcome)}</bdi></strong>` : undefined],
      ["Ended by", call.endReason && html`<bdi>${words(call.endReason)}</bdi>`],
      ["First audio after", call.timeToFirstAudio === undefined ? undefined : seconds(call.timeToFirstAudio)],
      ["Talk", ratio],
      ["Both spoke", call.talk.overlap === undefined ? undefined : seconds(call.talk.overlap)],
      ["Silence", call.talk.silence === undefined ? undefined : seconds(call.talk.silence)],
      ["Dead air", call.deadAir.length > 0 ? `${seconds(dead)}${call.deadAir.length > 1 ? `, ${call.deadAir.length} times` : ""}` : undefined],
      ["Turns", `${call.turns.length}${slow ? `, ${slow} slow` : ""}${cut ? `, ${cut} interrupted` : ""}`],
      ["Cost", call.cost && money(call.cost)],
    ])}
    <details class="ids"><summary>IDs (${call.ids.length})</summary>
      ${call.ids.slice(0, 50).map(([name, id]) => html`<p class="id-line">${name} ${copyable(id)}</p>`)}
    </details>
    ${call.faults.length > 0
      ? html`<details class="faults"><summary>${call.faults.length} ${call.faults.length === 1 ? "thing does" : "things do"} not follow the conventions</summary>
          <ul>${call.faults.slice(0, 200).map((fault) => html`<li>${foreign(fault, 300)}</li>`)}</ul></details>`
      : nothing}
    ${call.missing.length > 0
      ? html`<details class="faults"><summary>${foreign(call.framework ?? "The agent", 60)} does not send ${call.missing.length} kinds of facts</summary>
          <ul>${call.missing.slice(0, 50).map((fact) => html`<li>${foreign(fact, 300)}</li>`)}</ul></details>`
      : nothing}`;
}

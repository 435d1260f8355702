// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, nothing } from "lit-html";
import { again, ask } from "./api";
import { bytes, count, instant, visible, words } from "./format";
import { fields, list, number, text, texts } from "./json";
import type { Page, Shell } from "./page";
import { facts, foreign, problem } from "./parts";
import { link } from "./route";

/** What arrives, what was dropped, and what does not follow the conventions. */
export function healthPage(shell: Shell): Page {
  let answer: unknown;
  let error: string | undefined;
  const refresh = again(async () => {
    try {
      answer = await ask("/api/health");
      error = undefined;
    } catch (e) {
      error = (e as Error).message;
    }
    shell.redraw();
  });
  refresh();
  const timer = setInterval(refresh, 5000);

  const number_ = (name: string, v: unknown) => (name === "bytes" ? bytes(number(v)) : typeof v === "number" ? count(v) : visible(String(v), 100));
  const numbers = (v: unknown): [string, unknown][] => Object.entries(fields(v)).slice(0, 50).map(([name, n]) => [words(name), number_(name, n)]);

  return {
    title: () => "Health",
    changed: refresh,
    leave: () => clearInterval(timer),
    render() {
      if (answer === undefined) return html`<h1>Health</h1>${error ? problem(error) : html`<p class="quiet">Loading…</p>`}`;
      const health = fields(answer);
      const received = numbers(health.received);
      const dropped = list(health.dropped).map(fields);
      const faults = list(health.faults).map(fields);
      const listening = texts(health.listening);
      const own = text(health.error);
      return html`<h1>Health</h1>
        ${error ? problem(error) : nothing} ${own ? problem(own) : nothing}
        <div class="cards">
          <section><h2>Received</h2>${received.length > 0 ? facts(received) : html`<p class="quiet">This viewer shows files and receives nothing.</p>`}
            ${listening.length > 0 ? html`<p class="quiet">Listening at ${listening.map((each) => html`<code>${foreign(each, 80)}</code> `)}</p>` : nothing}</section>
          <section><h2>Stored</h2>${facts(numbers(health.stored))}</section>
          <section><h2>Limits</h2>${facts(numbers(health.limits))}</section>
          <section><h2>Viewer</h2>${facts([["version", foreign(text(health.version), 60)], ["started", instant(text(health.since))]])}</section>
        </div>
        <section><h2>Dropped</h2>
          ${dropped.length === 0
            ? html`<p>Nothing was dropped.</p>`
            : html`<div class="scroll" role="region" aria-label="Dropped" tabindex="0"><table>
                <thead><tr><th scope="col">Reason</th><th scope="col" class="number">Count</th></tr></thead>
                <tbody>${dropped.slice(0, 200).map((each) => html`<tr><td>${foreign(text(each.reason))}</td><td class="number">${count(number(each.count))}</td></tr>`)}</tbody>
              </table></div>`}
        </section>
        <section><h2>What does not follow the conventions</h2>
          ${faults.length === 0
            ? html`<p>Nothing was found.</p>`
            : html`<div class="scroll" role="region" aria-label="What does not follow the conventions" tabindex="0"><table>
                <thead><tr><th scope="col">Rule</th><th scope="col">Example</th><th scope="col" class="number">Count</th><th scope="col">Call</th></tr></thead>
                <tbody>${faults.slice(0, 500).map((each) => {
                  const call = text(each.call);
                  return html`<tr><td>${foreign(text(each.rule))}</td><td><code>${foreign(text(each.example))}</code></td><td class="number">${count(number(each.count))}</td>
                    <td>${call ? html`<a href=${link("calls", call)}>${foreign(call, 40)}</a>` : nothing}</td></tr>`;
                })}</tbody>
              </table></div>`}
        </section>`;
    },
  };
}

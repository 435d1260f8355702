// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, type TemplateResult } from "lit-html";
import { visible } from "./format";

/** The names of a filter that are equal to a value, and those that are on or off. */
export const choices = ["agent", "version", "outcome", "channel"];
export const switches: [name: string, label: string][] = [
  ["slow", "slow"],
  ["interrupted", "interrupted"],
  ["error", "with errors"],
  ["costly", "costly"],
];

export function choice(
  name: string,
  current: string,
  values: string[],
  changed: (value: string) => void,
  any = "any",
): TemplateResult {
  const shown = current !== "" && !values.includes(current) ? [current, ...values] : values;
  return html`<label class="field">${name[0].toUpperCase() + name.slice(1)}
    <select name=${name} .value=${current} @change=${(e: Event) => changed((e.target as HTMLSelectElement).value)}>
      ${any === "" ? "" : html`<option value="" ?selected=${current === ""}>${any}</option>`}
      ${shown.slice(0, 200).map((v) => html`<option value=${v} ?selected=${v === current}>${visible(v, 50)}</option>`)}
    </select></label>`;
}

export function toggle(name: string, label: string, isOn: boolean, changed: (on: boolean) => void): TemplateResult {
  return html`<label class="toggle"><input type="checkbox" name=${name} .checked=${isOn} @change=${(e: Event) => changed((e.target as HTMLInputElement).checked)} />${label}</label>`;
}

export const periods: [value: string, label: string][] = [["15m", "15 minutes"], ["1h", "1 hour"], ["24h", "1 day"], ["168h", "1 week"]];

/** Returns the instant of a period's start, as the API wants it. */
export function since(period: string, now: number): string {
  const parts = /^(\d+)([mh])$/.exec(period);
  if (!parts) return period;
  const length = Number(parts[1]) * (parts[2] === "h" ? 3600 : 60) * 1000;
  return new Date(now - length).toISOString().replace(/\.\d+Z$/, "Z");
}

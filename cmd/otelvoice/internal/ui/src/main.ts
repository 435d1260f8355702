// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, render } from "lit-html";
import { embedded, listen } from "./api";
import { callPage } from "./callpage";
import { callsPage } from "./callspage";
import { comparePage } from "./comparepage";
import { healthPage } from "./healthpage";
import { latencyPage } from "./latencypage";
import { readCall } from "./document";
import type { Page, Shell } from "./page";
import { parseRoute, type Route } from "./route";
import { nextTheme, startTheme, theme } from "./theme";

const pages: [name: string, title: string, make: (shell: Shell, route: Route) => Page][] = [
  ["calls", "Calls", callsPage],
  ["latency", "Latency", latencyPage],
  ["compare", "Compare", comparePage],
  ["health", "Health", healthPage],
];

const root = document.getElementById("root")!;
const status = document.getElementById("status")!;
const given = embedded();
const only = given === undefined ? undefined : readCall(given);

let isDue = false;
let live: boolean | undefined;
let shown: Page;
let at: Route;

const shell: Shell = {
  redraw() {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(draw);
  },
  redrawNow: () => draw(),
  say(text) {
    status.textContent = text;
  },
};

function draw(): void {
  isDue = false;
  document.title = `${shown.title()} · otelvoice`;
  render(
    html`<a class="skip" href="#main" @click=${skip}>Skip to the content</a>
      <header class="top">
        <span class="brand">otelvoice</span>
        ${only
          ? html`<span class="quiet">exported call</span>`
          : html`<nav aria-label="Pages">
              ${pages.map(
                ([name, title]) => html`<a href="#/${name}" aria-current=${at.page === name ? "page" : "false"}>${title}</a>`,
              )}
            </nav>`}
        <span class="grow"></span>
        ${only || live === undefined
          ? ""
          : html`<span class="live ${live ? "on" : "off"}">${live ? "live" : "not connected"}</span>`}
        <button type="button" @click=${changeTheme} title="Change between light, dark and the system's colours">
          Colours: ${theme()}
        </button>
      </header>
      <main id="main" tabindex="-1">${shown.render()}</main>`,
    root,
  );
  shown.drawn?.();
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function changeTheme(): void {
  nextTheme();
  dispatchEvent(new Event("resize")); // Plots take the new colours.
  shell.redraw();
}

function go(): void {
  let route = parseRoute(location.hash);
  if (only) route = { page: "calls", id: only.id, query: route.query };
  if (shown && at && route.page === at.page && route.id === at.id && shown.follow?.(route)) {
    at = route;
    return;
  }
  shown?.leave?.();
  const isMove = at !== undefined;
  at = route;
  const make = pages.find(([name]) => name === at.page) ?? pages[0];
  shown = at.id !== undefined ? callPage(shell, at, only) : make[2](shell, at);
  if (isMove) scrollTo(0, 0);
  shell.redraw();
}

addEventListener("hashchange", go);
addEventListener("keydown", (event) => {
  const target = event.target as Element | null;
  const isField = target?.closest("input, select, textarea, audio");
  if (event.ctrlKey || event.metaKey || event.altKey || (isField && event.key !== "Escape")) return;
  if (event.key === "Escape" && isField instanceof HTMLElement) isField.blur();
  if (shown.key?.(event)) event.preventDefault();
});

startTheme();
go();
if (!only) {
  listen(
    (ids) => shown.changed?.(ids),
    (is) => {
      live = is;
      shell.redraw();
    },
  );
}

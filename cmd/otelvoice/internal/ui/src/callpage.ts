// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, nothing } from "lit-html";
import { again, ask } from "./api";
import { callHead } from "./callhead";
import { stageDetails, turnDetails } from "./details";
import { readCall } from "./document";
import { clock, visible } from "./format";
import { LogLines } from "./loglines";
import type { Call, Stage, Turn } from "./model";
import type { Page, Shell } from "./page";
import { attributeTable, problem } from "./parts";
import { Picture } from "./picture";
import { Player } from "./player";
import { link, type Route } from "./route";
import { transcript, TurnTable } from "./turntable";

/** A call. given is its document if the page has no server. */
export function callPage(shell: Shell, route: Route, given?: Call): Page {
  const id = route.id!;
  let call = given;
  let error: string | undefined;
  let turn: number | undefined; // The position of the selected turn.
  let stage: string | undefined; // The key of the selected stage.
  let left = false;
  let isPlaced = false;

  const redraw = () => shell.redraw();
  const logs = new LogLines(redraw);
  const table = new TurnTable(redraw, (t) => selectTurn(t));
  const player = new Player((at) => picture.moveCursor(at));
  const picture = new Picture({
    redraw,
    redrawNow: () => shell.redrawNow(),
    clicked(bar, at) {
      if (bar?.stage) selectStage(bar.stage, at);
      else if (bar?.turn) selectTurn(bar.turn, at);
      else seek(at);
    },
  });

  let all: Stage[] = [];
  const stages = () => all;
  const selectedStage = () => (stage === undefined ? undefined : stages().find((s) => s.key === stage));
  const selectedTurn = () => (turn === undefined ? undefined : call?.turns[turn]);

  function take(read: Call): void {
    call = read;
    all = [...read.turns.flatMap((t) => t.stages), ...read.other];
    error = undefined;
    picture.show(read);
    if (!isPlaced) place(route.query);
    isPlaced = true;
  }

  /** Selects what a deep link names. */
  function place(query: URLSearchParams): void {
    const key = query.get("stage");
    const number = query.get("turn");
    const turnID = query.get("turn_id");
    const at = Number(query.get("t") ?? NaN);
    const named = key === null ? undefined : stages().find((s) => s.key === key);
    const found = call?.turns.find((t) => (number !== null && t.index === Number(number)) || (turnID !== null && t.id === turnID) || (key !== null && t.span === key));
    turn = named?.turn ?? found?.position;
    stage = named?.key;
    picture.cursor = Number.isFinite(at) ? at : undefined;
    mark();
  }

  function mark(): void {
    picture.selectedTurn = turn;
    picture.selectedBar = stage === undefined ? undefined : `s:${stage}`;
    const s = selectedStage();
    const t = selectedTurn();
    if (s?.start !== undefined) picture.reveal(s.start, s.start + (s.duration ?? 0));
    else if (t?.start !== undefined) picture.reveal(t.start, t.start + (t.duration ?? 0));
    if (turn !== undefined) table.reveal(turn);
  }

  function changed(): void {
    mark();
    const address = link("calls", given ? undefined : id, {
      turn: selectedTurn()?.index, stage, t: picture.cursor === undefined ? undefined : Number(picture.cursor.toFixed(3)),
    });
    history.replaceState(null, "", address);
    const s = selectedStage();
    const t = selectedTurn();
    shell.say(s ? `Stage ${visible(s.name, 60)}${s.error ? ", error" : ""}` : t ? `Turn ${t.index}` : "Nothing is selected");
    redraw();
  }

  function seek(at: number): void {
    picture.cursor = at;
    player.seek(at);
    changed();
  }

  function selectTurn(t: Turn, at?: number): void {
    turn = t.position;
    stage = undefined;
    if (at !== undefined) seek(at);
    else changed();
  }

  function selectStage(s: Stage, at?: number): void {
    turn = s.turn;
    stage = s.key;
    if (at !== undefined) seek(at);
    else changed();
  }

  function clear(): void {
    turn = undefined;
    stage = undefined;
    changed();
    document.getElementById("picture")?.focus({ preventScroll: true });
  }

  function stepTurn(by: number): void {
    const last = (call?.turns.length ?? 0) - 1;
    if (last < 0) return;
    const to = turn === undefined ? (by > 0 ? 0 : last) : Math.min(Math.max(turn + by, 0), last);
    selectTurn(call!.turns[to]);
  }

  function stepStage(by: number): void {
    const timed = stages().filter((s) => s.start !== undefined).sort((a, b) => a.start! - b.start!);
    if (timed.length === 0) return;
    let i = timed.findIndex((s) => s.key === stage);
    if (i >= 0) i = Math.min(Math.max(i + by, 0), timed.length - 1);
    else if (turn !== undefined) i = Math.max(timed.findIndex((s) => s.turn === turn), 0);
    else i = by > 0 ? 0 : timed.length - 1;
    selectStage(timed[i]);
  }

  const actions = { stage: (s: Stage) => selectStage(s), turn: (t: Turn) => selectTurn(t), close: clear };

  const refresh = again(async () => {
    try {
      const read = readCall(await ask(`/api/calls/${encodeURIComponent(id)}`));
      if (left) return;
      take(read);
    } catch (e) {
      error = (e as Error).message;
    }
    redraw();
  });
  if (given) take(given);
  else refresh();

  return {
    title: () => `Call ${visible(id, 40)}`,
    render() {
      if (!call) return error ? html`<h1>Call</h1>${problem(error)}<p><a href="#/calls">All calls</a></p>` : html`<h1>Call</h1><p class="quiet">Loading…</p>`;
      const s = selectedStage();
      const t = selectedTurn();
      const base = `/api/calls/${encodeURIComponent(id)}/export`;
      return html`${error ? problem(error) : nothing}
        <div class="head"><div class="grow">${callHead(call)}</div>
          ${given ? nothing : html`<p class="exports"><a class="button" href="${base}?format=html" download>Export HTML</a> <a class="button" href=${base} download>Export JSON</a></p>`}</div>
        <section class="stage-picture" aria-label="Picture of the call">
          <div class="tools">
            <button type="button" @click=${() => picture.zoomBy(0.5)} aria-label="Zoom in">+</button>
            <button type="button" @click=${() => picture.zoomBy(2)} aria-label="Zoom out">−</button>
            <button type="button" @click=${() => picture.fit()}>Fit</button>
            <button type="button" ?disabled=${t?.start === undefined} @click=${() => picture.zoomTo(t!.start!, t!.start! + (t!.duration ?? 1))}>Zoom to turn</button>
            <button type="button" @click=${() => stepTurn(-1)}>Previous turn</button>
            <button type="button" @click=${() => stepTurn(1)}>Next turn</button>
            ${picture.cursor === undefined ? nothing : html`<span class="quiet">at ${clock(picture.cursor, 2)}</span>`}
            ${call.recording?.isAvailable && !given ? player.render(id, call.recording) : nothing}
          </div>
          ${picture.render()}
          <p class="quiet keys" id="keys">Keys: <kbd>↑</kbd> <kbd>↓</kbd> turn, <kbd>←</kbd> <kbd>→</kbd> stage, <kbd>+</kbd> <kbd>−</kbd> zoom, <kbd>Shift</kbd> <kbd>←</kbd> <kbd>→</kbd> move,
            <kbd>0</kbd> fit, <kbd>Enter</kbd> details, <kbd>Esc</kbd> clear${call.recording?.isAvailable && !given ? html`, <kbd>p</kbd> play` : nothing}. Wheel zooms, drag moves, drag on the axis zooms to a part, double click fits.</p>
          ${call.recording && !call.recording.isAvailable ? html`<p class="quiet">A recording exists, but the viewer does not have it. Start it with <code>-recordings DIR</code>.</p>` : nothing}
        </section>
        <div class="columns">
          <div class="main-column">${table.render(call, turn)} ${transcript(call, turn, selectTurn)}</div>
          <aside class="details" id="details" tabindex="-1" aria-label="Details">
            ${s ? stageDetails(call, s, actions) : t ? turnDetails(call, t, actions) : html`<p class="quiet">Select a turn or a stage to see its details.</p>`}
            ${s || t ? nothing : html`${attributeTable("Attributes of the call", call.attributes)} ${attributeTable("Resource", call.resource)}`}
          </aside>
        </div>
        ${logs.render(call.lines, t?.index, stage, seek)}`;
    },
    drawn() {
      picture.drawn();
      table.drawn();
    },
    follow(to) {
      if (!call) return true;
      place(to.query);
      redraw();
      return true;
    },
    changed(ids) {
      if (!given && (ids.length === 0 || ids.includes(id))) refresh();
    },
    leave() {
      left = true;
      picture.stop();
      player.stop();
    },
    key(event) {
      const inside = (event.target as Element | null)?.closest(".scroll, .details, button, a, summary");
      switch (event.key) {
        case "ArrowUp": case "ArrowDown":
          if (inside) return false;
          stepTurn(event.key === "ArrowDown" ? 1 : -1);
          return true;
        case "j": case "k":
          stepTurn(event.key === "j" ? 1 : -1);
          return true;
        case "ArrowLeft": case "ArrowRight": {
          if (inside) return false;
          const by = event.key === "ArrowRight" ? 1 : -1;
          if (event.shiftKey) picture.panBy(by * 0.2);
          else stepStage(by);
          return true;
        }
        case "h": case "l":
          stepStage(event.key === "l" ? 1 : -1);
          return true;
        case "+": case "=":
          picture.zoomBy(0.5);
          return true;
        case "-":
          picture.zoomBy(2);
          return true;
        case "0":
          picture.fit();
          return true;
        case "p":
          return player.toggle();
        case "Enter": {
          if (inside || turn === undefined) return false;
          const panel = document.getElementById("details");
          panel?.focus();
          panel?.scrollIntoView({ block: "nearest" });
          return true;
        }
        case "Escape":
          clear();
          return true;
      }
      return false;
    },
  };
}

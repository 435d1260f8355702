// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { html, type TemplateResult } from "lit-html";
import type { Recording } from "./model";

/** Plays the recording of a call. Its times are those of the call. */
export class Player {
  private frame = 0;
  private readonly moved: (at: number) => void;
  private offset = 0;

  constructor(moved: (at: number) => void) {
    this.moved = moved;
  }

  private get audio(): HTMLAudioElement | null {
    return document.querySelector<HTMLAudioElement>("audio#recording");
  }

  seek(at: number): void {
    const audio = this.audio;
    if (audio) audio.currentTime = Math.max(at - this.offset, 0);
  }

  toggle(): boolean {
    const audio = this.audio;
    if (!audio) return false;
    if (audio.paused) void audio.play().catch(() => undefined);
    else audio.pause();
    return true;
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.audio?.pause();
  }

  private readonly follow = () => {
    cancelAnimationFrame(this.frame);
    const audio = this.audio;
    if (!audio) return;
    this.moved(audio.currentTime + this.offset);
    if (!audio.paused) this.frame = requestAnimationFrame(this.follow);
  };

  render(id: string, recording: Recording): TemplateResult {
    this.offset = recording.offset;
    return html`<audio id="recording" controls preload="metadata" aria-label="Recording of the call"
      src="/api/calls/${encodeURIComponent(id)}/recording" @play=${this.follow} @seeked=${this.follow} @timeupdate=${this.follow}></audio>`;
  }
}

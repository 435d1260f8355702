// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import type { TemplateResult } from "lit-html";
import type { Route } from "./route";

/** What a page needs from the shell around it. */
export interface Shell {
  /** Draws the page again, soon. */
  redraw(): void;
  /** Draws the page again at once, so that the browser never paints what is on it now. */
  redrawNow(): void;
  /** Says something to those who do not see the page. */
  say(text: string): void;
}

/** A page is shown at a route. */
export interface Page {
  title(): string;
  render(): TemplateResult;
  /** Called after each drawing. */
  drawn?(): void;
  /** Called if the route changes within the page. It returns false if another page must be made. */
  follow?(route: Route): boolean;
  /** Called when calls changed; ids is empty if it is not known which. */
  changed?(ids: string[]): void;
  /** Called on a key that no field of a form takes. It returns true if the key meant something. */
  key?(event: KeyboardEvent): boolean;
  /** Called when another page is shown. */
  leave?(): void;
}

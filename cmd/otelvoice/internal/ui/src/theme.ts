// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

const key = "otelvoice.theme";
const themes = ["system", "light", "dark"];
let chosen = "system";

/** Takes the theme that the reader chose before. */
export function startTheme(): void {
  try {
    chosen = themes.find((each) => each === localStorage.getItem(key)) ?? "system";
  } catch {
    // A page from a file may have no storage.
  }
  apply();
}

export function theme(): string {
  return chosen;
}

export function nextTheme(): void {
  chosen = themes[(themes.indexOf(chosen) + 1) % themes.length];
  try {
    localStorage.setItem(key, chosen);
  } catch {
    // The choice holds for this page only.
  }
  apply();
}

function apply(): void {
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

/** Returns the value of a colour of the style sheet, for what is drawn on a canvas. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

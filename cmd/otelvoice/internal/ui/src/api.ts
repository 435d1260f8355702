// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

import { fields, text, texts } from "./json";

/** Asks the server. It throws an error whose message is for the reader. */
export async function ask(path: string, query?: URLSearchParams): Promise<unknown> {
  const search = query?.toString();
  let answer: Response;
  try {
    answer = await fetch(path + (search ? `?${search}` : ""), { headers: { Accept: "application/json" } });
  } catch {
    throw new Error("The viewer does not answer. Is otelvoice view still running?");
  }
  const body = await answer.text();
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    if (answer.ok) throw new Error("The viewer answered with something that is not JSON.");
  }
  if (!answer.ok) throw new Error(`${text(fields(json).error) ?? (body.slice(0, 300) || answer.statusText)} (HTTP ${answer.status})`);
  return json;
}

/** The document of an exported page, or undefined if the page has a server. */
export function embedded(): unknown {
  const element = document.getElementById("document");
  return element ? JSON.parse(element.textContent ?? "null") : undefined;
}

/**
 * Listens to what changed while the page is visible. ids is empty if it is not known which calls did. After a lost
 * connection, or when the page is visible again, everything may have changed. isLive tells whether the connection is
 * there. A hidden page has no connection, because browsers have six of them to a server for all of its pages.
 */
export function listen(changed: (ids: string[]) => void, isLive: (live: boolean) => void): void {
  let source: EventSource | undefined;
  let retry: number | undefined;
  let wasLost = false;

  function open(): void {
    clearTimeout(retry);
    source = new EventSource("/api/events");
    source.addEventListener("open", () => {
      isLive(true);
      if (wasLost) changed([]);
      wasLost = false;
    });
    source.addEventListener("error", () => {
      isLive(false);
      wasLost = true;
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, 3000);
    });
    source.addEventListener("calls", (event) => {
      let ids: string[] = [];
      try {
        ids = texts(fields(JSON.parse((event as MessageEvent<string>).data)).ids);
      } catch {
        // Without IDs, everything is read again.
      }
      changed(ids);
    });
  }

  function close(): void {
    clearTimeout(retry);
    source?.close();
    source = undefined;
    wasLost = true;
  }

  function follow(): void {
    if (document.visibilityState === "hidden") close();
    else if (!source) open();
  }

  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", close); // A page that the browser keeps for the Back button.
  addEventListener("pageshow", follow);
  follow();
}

/** Runs a task when asked, one at a time; asking during a run causes one more run. */
export function again(task: () => Promise<void>): () => void {
  let isRunning = false;
  let isWanted = false;
  const run = async () => {
    if (isRunning) {
      isWanted = true;
      return;
    }
    isRunning = true;
    do {
      isWanted = false;
      await task();
    } while (isWanted);
    isRunning = false;
  };
  return () => void run();
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

/** A place in the pages, as the part of the address after "#". */
export interface Route {
  page: string;
  id?: string;
  query: URLSearchParams;
}

/** Reads the hash of an address: "#/calls/ID?turn=3". */
export function parseRoute(hash: string): Route {
  const [path, query = ""] = split(hash.replace(/^#?\/?/, ""), "?");
  const [page, id] = split(path, "/");
  return { page: page || "calls", id: id ? decode(id) : undefined, query: new URLSearchParams(query) };
}

/** Writes a hash. What is undefined or empty is left out of the query. */
export function link(page: string, id?: string, query: Record<string, string | number | undefined> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== "") params.set(name, String(value));
  const text = params.toString();
  return `#/${page}${id === undefined ? "" : `/${encodeURIComponent(wellFormed(id))}`}${text ? `?${text}` : ""}`;
}

// A lone half of a surrogate pair cannot be encoded.
function wellFormed(s: string): string {
  return s.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

function split(s: string, at: string): [string, string?] {
  const i = s.indexOf(at);
  return i < 0 ? [s] : [s.slice(0, i), s.slice(i + 1)];
}

function decode(s: string): string {
  try {
    return decodeURIComponent(s);
  } catch {
    return s;
  }
}

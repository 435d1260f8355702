// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package jsonscan reads JSON as its bytes pass, and reports the values at chosen paths.
//
// A body of 100 MB costs the same few kilobytes as a small one: nothing is kept but the path to
// the current value and the start of the values that were asked for. A document may arrive in
// pieces of any size, and several documents may follow each other, as in newline-delimited JSON.
//
// The scanner accepts some texts that are not JSON, such as numbers with two points: it reads
// what providers sent, and does not judge it. What it reports of a valid document equals what
// [encoding/json] decodes; a fuzz test compares the two.
package jsonscan

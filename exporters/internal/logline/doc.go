// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package logline holds what log lines have in common: the fields of a record, their JSON encoding
// and the writing of whole lines.
//
// A [Line] sorts the attributes of a record into the fields of a log line and its extra data. The
// encoders of JSON and text share it, so that both show the same fields. A [Writer] writes encoded
// lines to an [io.Writer].
//
// The JSON encoder differs from encoding/json in three ways. It encodes an [attribute.Value] without
// reflection and without interfaces. It appends a valid JSON value for every argument: NaN,
// infinities, invalid UTF-8, maps with duplicate keys and deeply nested values. It bounds the size of
// the result, because callers wait while a log line is written.
//
// Every Append function appends to dst and returns the extended slice, like [append]. None keeps a
// reference to its arguments.
package logline

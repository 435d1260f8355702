// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package jsonenc appends JSON to byte slices.
//
// It differs from encoding/json in three ways. It encodes an [attribute.Value] without reflection and
// without interfaces. It appends a valid JSON value for every argument: NaN, infinities, invalid UTF-8,
// maps with duplicate keys and deeply nested values. It bounds the size of the result, because callers
// wait while a log line is written.
//
// Every Append function appends to dst and returns the extended slice, like [append]. None keeps a
// reference to its arguments.
package jsonenc

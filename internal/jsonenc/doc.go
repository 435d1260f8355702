// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package jsonenc appends JSON to byte slices.
//
// It exists beside encoding/json for three reasons. It encodes an
// [attribute.Value] without reflection or an interface in between. Whatever it
// is given, it appends one valid JSON value: NaN, infinities, text that is no
// UTF-8, maps with duplicate keys and values nested without end included. And
// the size of what it appends is bounded, because a log line is written where
// somebody waits.
//
// Every Append function appends to dst and returns the extended slice, as
// [append] does. None keeps a reference to its arguments.
package jsonenc

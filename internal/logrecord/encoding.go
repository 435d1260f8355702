// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import "sync/atomic"

// Encoding names an encoder that caches what it made of a key or an attribute group.
type Encoding int

// The encodings.
const (
	JSON Encoding = iota
	OTLP
	encodingCount
)

// Encodings caches one value for each encoding. The zero Encodings is empty. It is safe for
// concurrent use.
type Encodings [encodingCount]atomic.Pointer[any]

// Load returns the value that was stored last for the encoding, or nil.
func (e *Encodings) Load(encoding Encoding) any {
	if value := e[encoding].Load(); value != nil {
		return *value
	}
	return nil
}

// Store stores the value for the encoding.
func (e *Encodings) Store(encoding Encoding, value any) { e[encoding].Store(&value) }

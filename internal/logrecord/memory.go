// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import "sync/atomic"

// Memory is where ways out keep what they made of a key. The zero Memory is empty. It is
// safe for concurrent use.
type Memory [Ways]atomic.Pointer[any]

// Way is a way out that remembers.
type Way int

// The ways out.
const (
	JSON Way = iota
	OTLP
	Ways
)

// Recall returns what a way out remembered last, or nil.
func (m *Memory) Recall(way Way) any {
	if known := m[way].Load(); known != nil {
		return *known
	}
	return nil
}

// Remember remembers what a way out made.
func (m *Memory) Remember(way Way, made any) { m[way].Store(&made) }

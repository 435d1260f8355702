// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

// ShuttingDown reports whether Shutdown has begun to end sessions.
func (t *Telemetry) ShuttingDown() bool { return t.emit.Guard.Closing() }

// OpenSessions returns how many sessions a Shutdown would end.
func (t *Telemetry) OpenSessions() int { return len(t.sessions.all()) }

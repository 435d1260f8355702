// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"encoding/hex"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// blanks are the optional white space of HTTP. net/http removes it, other carriers may not.
const blanks = " \t"

// The offsets of a traceparent: version, trace ID, parent ID and flags.
const (
	traceAt   = len("00-")
	parentAt  = traceAt + 32 + len("-")
	flagsAt   = parentAt + 16 + len("-")
	parentLen = flagsAt + 2
)

// parseParent returns the traceparent of a request in the form of version 00, with the defined flags
// only, and its trace ID. It returns "" if there is no valid traceparent. Of a later version, it reads
// the fields of version 00; more fields may follow after a dash.
func parseParent(headers []string) (string, trace.TraceID) {
	if len(headers) != 1 {
		return "", trace.TraceID{}
	}
	h := strings.Trim(headers[0], blanks)
	if len(h) < parentLen || h[traceAt-1] != '-' || h[parentAt-1] != '-' || h[flagsAt-1] != '-' {
		return "", trace.TraceID{}
	}
	var version, flags [1]byte
	var tid trace.TraceID
	var sid trace.SpanID
	if !decode(version[:], h[:traceAt-1]) || !decode(tid[:], h[traceAt:parentAt-1]) ||
		!decode(sid[:], h[parentAt:flagsAt-1]) || !decode(flags[:], h[flagsAt:parentLen]) {
		return "", trace.TraceID{}
	}
	switch {
	case !tid.IsValid(), !sid.IsValid(), version[0] == 0xff,
		version[0] == 0 && len(h) > parentLen, len(h) > parentLen && h[parentLen] != '-':
		return "", trace.TraceID{}
	}
	defined := trace.TraceFlags(flags[0]) & (trace.FlagsSampled | trace.FlagsRandom)
	if version[0] == 0 && byte(defined) == flags[0] {
		return h, tid
	}
	return "00-" + h[traceAt:flagsAt] + defined.String(), tid
}

// decode reads lower-case hex digits.
func decode(dst []byte, digits string) bool {
	for i := range len(digits) {
		if c := digits[i]; 'A' <= c && c <= 'F' {
			return false
		}
	}
	_, err := hex.Decode(dst, []byte(digits))
	return err == nil
}

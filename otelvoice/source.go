// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"maps"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// packagePrefix is how the functions of this package begin in a stack.
const packagePrefix = ScopeName + "."

// sources knows which line of code a program counter stands for. There are as many
// as the program has places that end something; to work one out costs more than all
// the rest of a line.
type sources struct {
	mu sync.Mutex // One change at a time.
	// known has the attributes of each line; nil if it is the toolkit's own. It is
	// replaced and never changed, so that a look costs neither a lock nor memory.
	known atomic.Pointer[map[uintptr][]attribute.KeyValue]
}

// caller returns the line of the agent's code that led to the line that is being
// written: the first frame outside this package.
func (s *sources) caller() []attribute.KeyValue {
	const skipped = 3 // runtime.Callers, this and write.
	var pcs [8]uintptr
	for skip := skipped; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		for _, pc := range pcs[:n] {
			if attrs := s.line(pc); attrs != nil {
				return attrs
			}
		}
		if n < len(pcs) {
			return nil
		}
	}
}

// line returns the line that is known for a place, or works it out.
func (s *sources) line(pc uintptr) []attribute.KeyValue {
	if known := s.known.Load(); known != nil {
		if attrs, ok := (*known)[pc]; ok {
			return attrs
		}
	}
	attrs := line(pc)
	s.mu.Lock()
	defer s.mu.Unlock()
	known := make(map[uintptr][]attribute.KeyValue)
	if old := s.known.Load(); old != nil {
		known = maps.Clone(*old)
	}
	known[pc] = attrs
	s.known.Store(&known)
	return attrs
}

// line returns the first line outside this package of those that were inlined into
// one place, or nil.
func line(pc uintptr) []attribute.KeyValue {
	frames := runtime.CallersFrames([]uintptr{pc})
	for {
		frame, more := frames.Next()
		if frame.Function != "" && !strings.HasPrefix(frame.Function, packagePrefix) &&
			!strings.HasPrefix(frame.Function, "runtime.") {
			return []attribute.KeyValue{
				semconv.CodeFunctionName(frame.Function),
				semconv.CodeLineNumber(frame.Line),
				semconv.CodeFilePath(frame.File),
			}
		}
		if !more {
			return nil
		}
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"runtime"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// packagePrefix is how the functions of this package begin in a stack.
const packagePrefix = ScopeName + "."

// sources knows which line of code a program counter stands for. There are as many
// as the program has places that end something; to work one out costs more than all
// the rest of a line.
type sources struct {
	known sync.Map // Of a uintptr, the []attribute.KeyValue of its line; nil if it is the toolkit's own.
}

// caller returns the line of the agent's code that led to the line that is being
// written: the first frame outside this package.
func (s *sources) caller() []attribute.KeyValue {
	const skipped = 3 // runtime.Callers, this and write.
	var pcs [8]uintptr
	for skip := skipped; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		for _, pc := range pcs[:n] {
			known, ok := s.known.Load(pc)
			if !ok {
				known, _ = s.known.LoadOrStore(pc, line(pc))
			}
			if attrs, _ := known.([]attribute.KeyValue); attrs != nil {
				return attrs
			}
		}
		if n < len(pcs) {
			return nil
		}
	}
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

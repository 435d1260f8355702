// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package calllog

import (
	"runtime"
	"strings"

	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// sources finds the source locations in the agent's code that log lines refer to.
type sources struct {
	known   logrecord.Cache[*logrecord.Group] // Nil for locations outside of the agent's code.
	logs    *logpipe.Provider
	program *logrecord.Program
	tap     logrecord.Group // Its address stands for a location in a tap.
}

// taps is the beginning of the names of functions that read connections as their bytes pass. What is
// recorded there is no work of the code that reads or writes, which is often a library.
const taps = "github.com/voice-agents/telemetry/internal/conn."

// CallersCaller returns the program counter of the caller of End. It is called by a method endedAt
// that End calls. Finding the caller later, where the line is written, takes ten times as long,
// because each frame in between has to be resolved.
func CallersCaller() uintptr {
	const skipped = 4 // runtime.Callers, this, endedAt and End.
	var pcs [1]uintptr
	runtime.Callers(skipped, pcs[:])
	return pcs[0]
}

// at returns the source location of a program counter, or nil if it is 0 or outside of the
// agent's code.
func (s *sources) at(pc uintptr) *logrecord.Group {
	if pc == 0 {
		return nil
	}
	if group := s.known.Of(pc, s.line); group != &s.tap {
		return group
	}
	return nil
}

// maxCallers is how many frames are searched for the agent's code.
const maxCallers = 512

// caller returns the source location of the log line that is being written: the first frame
// outside of the toolkit and the standard library. It is nil on a goroutine that these started, and in a
// tap.
func (s *sources) caller() *logrecord.Group {
	const skipped = 3 // runtime.Callers, this and write.
	var pcs [16]uintptr
	for skip := skipped; skip < maxCallers; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		for _, pc := range pcs[:n] {
			switch group := s.known.Of(pc, s.line); group {
			case nil:
			case &s.tap:
				return nil
			default:
				return group
			}
		}
		if n < len(pcs) {
			return nil
		}
	}
	return nil
}

// line returns the source location of a program counter, or nil if it is outside of the agent's
// code. If functions are inlined there, it is the innermost one of the agent's code.
func (s *sources) line(pc uintptr) *logrecord.Group {
	frames := runtime.CallersFrames([]uintptr{pc})
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, taps) {
			return &s.tap
		}
		if s.program.Owns(&frame) {
			return s.logs.Group(semconv.CodeFunctionName(frame.Function), semconv.CodeLineNumber(frame.Line), semconv.CodeFilePath(frame.File))
		}
		if !more {
			return nil
		}
	}
}

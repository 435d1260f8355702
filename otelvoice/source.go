// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"runtime"

	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// sources finds the lines of the agent's code that lines are about.
type sources struct {
	known   logrecord.Cache[*logrecord.Group] // Nil for what is none of the agent's code.
	logs    *logpipe.Provider
	program *logrecord.Program
}

// endedAt returns the place in the code that calls the function which calls it, if the end
// of the stage is going to be told of. To look for it where the line is written takes ten
// times as long: each frame on the way has to be worked out.
func (s *stage) endedAt() uintptr {
	if !s.turn.session.tel.lines.stageEnabled(s, levelInfo) {
		return 0
	}
	return callersCaller()
}

// endedAt does the same for a turn.
func (t *Turn) endedAt() uintptr {
	if t == nil || !t.session.tel.guard.enabled(t.ctx, t.session.tel.lines.turns, levelInfo) {
		return 0
	}
	return callersCaller()
}

// callersCaller returns the caller of the function that called its own caller.
func callersCaller() uintptr {
	const skipped = 4 // runtime.Callers, this, endedAt and End.
	var pcs [1]uintptr
	runtime.Callers(skipped, pcs[:])
	return pcs[0]
}

// at returns the line of a place, or nil if it is none of the agent's code.
func (s *sources) at(pc uintptr) *logrecord.Group {
	if pc == 0 {
		return nil
	}
	return s.known.Of(pc, s.line)
}

// maxCallers bounds the frames that are looked at for the agent's code.
const maxCallers = 512

// caller returns the line of the agent's code that led to the line that is being
// written: the first frame outside the toolkit and the standard library. It is nil in
// a goroutine that these have started.
func (s *sources) caller() *logrecord.Group {
	const skipped = 3 // runtime.Callers, this and write.
	var pcs [16]uintptr
	for skip := skipped; skip < maxCallers; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		for _, pc := range pcs[:n] {
			if block := s.known.Of(pc, s.line); block != nil {
				return block
			}
		}
		if n < len(pcs) {
			return nil
		}
	}
	return nil
}

// line returns the line of a place that is the agent's code, of those that were inlined
// into one the first, or nil.
func (s *sources) line(pc uintptr) *logrecord.Group {
	frames := runtime.CallersFrames([]uintptr{pc})
	for {
		frame, more := frames.Next()
		if s.program.Owns(&frame) {
			return s.logs.Group(semconv.CodeFunctionName(frame.Function), semconv.CodeLineNumber(frame.Line), semconv.CodeFilePath(frame.File))
		}
		if !more {
			return nil
		}
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

import (
	"reflect"
	"runtime"
	"strconv"
	"strings"
)

// maxFrames bounds a stack trace; what led to an error is near its top.
const maxFrames = 32

// plumbing are the packages between the line that logs and the record. No
// reader of a stack trace looks for them.
var plumbing = [...]string{
	"github.com/voice-agents/telemetry/internal/",
	"github.com/voice-agents/telemetry/otelvoice.",
	"go.opentelemetry.io/contrib/bridges/otelslog.",
	"log/slog.",
	"runtime.",
}

// Trace returns a stack trace for err: that of where it was made, if it carries
// one, else that of who called to have it logged. The frames are written as in
// Go's own traces, the innermost first.
//
// An error carries one by the methods that the field's error packages have:
// StackTrace (github.com/pkg/errors and those after it) or Callers, both of
// which return program counters in one type or another, or a [PanicError].
func Trace(err error) string {
	var panicked *PanicError
	if as(err, &panicked) && len(panicked.Stack) > 0 {
		return string(panicked.Stack)
	}
	var made []uintptr
	visits := 0
	walk(err, 0, func(e error) bool { // The innermost is the nearest to the cause.
		if pcs := carried(e); len(pcs) > 0 {
			made = pcs
		}
		visits++
		return visits < maxVisits
	})
	if len(made) > 0 {
		return format(made, false)
	}
	var pcs [maxFrames + 16]uintptr
	return format(pcs[:runtime.Callers(2, pcs[:])], true)
}

// carried returns the program counters that an error keeps. Their types are
// those of packages that are not imported here, hence the reflection; it runs
// for logged errors alone, and only with stack traces switched on.
func carried(err error) (pcs []uintptr) {
	defer func() {
		if recover() != nil {
			pcs = nil
		}
	}()
	for _, name := range [...]string{"StackTrace", "Callers"} {
		method := reflect.ValueOf(err).MethodByName(name)
		if !method.IsValid() || method.Type().NumIn() != 0 || method.Type().NumOut() != 1 {
			continue
		}
		list := method.Type().Out(0)
		if list.Kind() != reflect.Slice || list.Elem().Kind() != reflect.Uintptr {
			continue
		}
		stack := method.Call(nil)[0]
		for i := range min(stack.Len(), maxFrames) {
			pcs = append(pcs, uintptr(stack.Index(i).Uint()))
		}
		return pcs
	}
	return nil
}

// format writes frames as Go does. With skip it leaves out the plumbing before
// the first frame that is none.
func format(pcs []uintptr, skip bool) string {
	var b strings.Builder
	frames := runtime.CallersFrames(pcs)
	for n := 0; n < maxFrames; {
		frame, more := frames.Next()
		skip = skip && isPlumbing(frame.Function)
		if frame.Function != "" && !skip {
			b.WriteString(frame.Function + "()\n\t" + frame.File + ":" + strconv.Itoa(frame.Line) + "\n")
			n++
		}
		if !more {
			break
		}
	}
	return b.String()
}

func isPlumbing(function string) bool {
	for _, prefix := range plumbing {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return false
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

import (
	"reflect"
	"runtime"
	"strconv"
	"strings"
)

// maxFrames bounds a stack trace. The cause of an error is near its top.
const maxFrames = 32

// loggingPackages are the packages between the line that logs and the record. A stack trace begins after
// them.
var loggingPackages = [...]string{
	"github.com/voice-agents/telemetry/internal/",
	"github.com/voice-agents/telemetry/otelvoice.",
	"go.opentelemetry.io/contrib/bridges/otelslog.",
	"log/slog.",
	"runtime.",
}

// StackTrace returns the stack trace of err, or that of the caller if err has none. The frames are written
// as in Go's own traces, the innermost first.
//
// An error has a stack trace if it is a [PanicError], or if it has a method StackTrace (github.com/pkg/errors
// and its successors) or Callers that returns program counters.
func StackTrace(err error) string {
	var panicked *PanicError
	if as(err, &panicked) && len(panicked.Stack) > 0 {
		return string(panicked.Stack)
	}
	var origin []uintptr
	visits := 0
	visitAll(err, 0, func(e error) bool { // The innermost is nearest to the cause.
		if pcs := stackOf(e); len(pcs) > 0 {
			origin = pcs
		}
		visits++
		return visits < maxVisits
	})
	if len(origin) > 0 {
		return format(origin, false)
	}
	var pcs [maxFrames + 16]uintptr
	return format(pcs[:runtime.Callers(2, pcs[:])], true)
}

// stackOf returns the program counters of an error. Their types are in packages that are not imported here,
// so it uses reflection. It runs only for logged errors, and only if stack traces are on.
func stackOf(err error) (pcs []uintptr) {
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

// format writes frames as Go does. With skip it omits the frames of the logging packages at the top.
func format(pcs []uintptr, skip bool) string {
	var b strings.Builder
	frames := runtime.CallersFrames(pcs)
	for n := 0; n < maxFrames; {
		frame, more := frames.Next()
		skip = skip && isLogging(frame.Function)
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

func isLogging(function string) bool {
	for _, prefix := range loggingPackages {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	return false
}

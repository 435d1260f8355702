// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package resend_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice/internal/resend"
)

type work struct {
	context.Context

	log resend.Log
}

func (w *work) Value(key any) any {
	if _, ok := key.(resend.Key); ok {
		return &w.log
	}
	return w.Context.Value(key)
}

func request(path string) resend.Request { return resend.Request{Method: "POST", Path: path} }

func TestLog(t *testing.T) {
	l := resend.FromContext(&work{Context: t.Context()})
	for i, step := range []struct {
		request string
		known   int
		isKnown bool
		failed  bool
		want    int
	}{
		{request: "a", failed: true, want: 0},
		{request: "b", want: 0},
		{request: "a", failed: true, want: 1},
		{request: "a", want: 2},
		{request: "a", want: 0}, // A new one, after the success.
		{request: "b", known: 3, isKnown: true, want: 3},
		{request: "b", known: 0, isKnown: true, failed: true, want: 0},
		{request: "b", known: 0, isKnown: true, want: 0}, // The SDK knows better.
	} {
		if got := l.Sent(request(step.request), step.known, step.isKnown); got != step.want {
			t.Errorf("step %d: got %d, want %d", i, got, step.want)
		}
		l.Ended(request(step.request), step.failed)
	}
	if got := l.Count(); got != 3 {
		t.Errorf("%d were sent again, want 3", got)
	}
}

// A log has a bounded size, and a nil log stores nothing.
func TestLogIsBounded(t *testing.T) {
	var l resend.Log
	for i := range 100 {
		l.Ended(request(strconv.Itoa(i)), true)
	}
	known := 0
	for i := range 100 {
		known += l.Sent(request(strconv.Itoa(i)), 0, false)
	}
	if known != 16 {
		t.Errorf("%d requests are stored, want 16", known)
	}
	none := resend.FromContext(t.Context())
	none.Ended(request("a"), true)
	if none.Sent(request("a"), 0, false) != 0 || none.Sent(request("a"), 2, true) != 2 || none.Count() != 0 {
		t.Error("a nil log stores requests")
	}
}

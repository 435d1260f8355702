// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	grpccodes "google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// A hang-up does not make the session fail, whatever the error that it causes.
func TestSessionThatIsCutShort(t *testing.T) {
	errDown := errors.New("line down")
	for _, tt := range []struct {
		name    string
		session func(*otelvoice.Session)
		want    string // End reason, log level and error type.
	}{
		{"a cancelled context", func(s *otelvoice.Session) { s.Fail(context.Canceled) }, " INFO "},
		{"a cancellation that is wrapped", func(s *otelvoice.Session) { s.Fail(fmt.Errorf("run: %w", context.Canceled)) }, " INFO "},
		{"a cancellation in gRPC's words", func(s *otelvoice.Session) { s.Fail(status.Error(grpccodes.Canceled, "context canceled")) }, " INFO "},
		{"a barge-in", func(s *otelvoice.Session) { s.Fail(otelvoice.ErrInterrupted) }, " INFO "},
		{"a hang-up and its reason", func(s *otelvoice.Session) {
			s.Fail(context.Canceled)
			s.SetEndReason(otelvoice.EndUserHangup)
		}, "user_hangup INFO "},
		{"an error after a cancellation", func(s *otelvoice.Session) {
			s.Fail(context.Canceled)
			s.Fail(errDown)
		}, "error ERROR _OTHER"},
		{"a deadline", func(s *otelvoice.Session) { s.Fail(context.DeadlineExceeded) }, "error ERROR timeout"},
		{"a panic with a cancellation", func(s *otelvoice.Session) {
			defer func() { _ = recover() }()
			defer s.End()
			panic(context.Canceled)
		}, "error ERROR panic"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			_, session := tel.StartSession(t.Context())
			tt.session(session)
			session.End()
			voicetest.Check(t, rec)
			attrs, line := span(t, rec, semconv.SpanVoiceSession), lineOf(t, rec, "session_end")
			got := fmt.Sprintf("%s %v %s", attrs[semconv.VoiceSessionEndReasonKey].AsString(), line["level"], attrs[semconv.ErrorTypeKey].AsString())
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicetest_test

import (
	"context"
	"errors"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/redact"
)

// speak puts secrets wherever a program can.
func speak(ctx context.Context, tel *otelvoice.Telemetry, secret string) {
	ctx, op := tel.StartOperation(ctx, "ask", otelvoice.WithAttributes(attribute.String("q", "mail "+secret)))
	tel.Logger("m").InfoContext(ctx, "asking "+secret, "to", secret, "error", errors.New("to "+secret))
	op.End(errors.New("no answer from " + secret))
}

func TestRedactorSeesSpansAndLogsAlike(t *testing.T) {
	tel, rec := voicetest.Setup(t, voicesdk.WithRedaction(redact.Values("quiet words")))
	for _, secret := range []string{"ada@example.com", "+1 415 555 0123", "4111 1111 1111 1111", "sk-proj-0123456789abcdefghij", "quiet words"} {
		speak(t.Context(), tel.Telemetry, secret)
		voicetest.NoSecrets(t, rec, secret)
	}
	if len(rec.Spans()) != 5 || len(rec.Logs()) != 10 {
		t.Errorf("%d spans and %d records were looked at, want 5 and 10", len(rec.Spans()), len(rec.Logs()))
	}
}

func TestUserIDsAreHashedEverywhere(t *testing.T) {
	tel, rec := voicetest.Setup(t, voicesdk.WithRedaction(redact.HashUserIDs([]byte("key"))))
	ctx, session := tel.StartSession(t.Context(), otelvoice.WithUserID("ada lovelace"))
	tel.Logger("m").InfoContext(ctx, "hello")
	session.End()
	voicetest.NoSecrets(t, rec, "ada lovelace")
}

func TestLeaksAreFound(t *testing.T) {
	tel, rec := voicetest.Setup(t, voicesdk.WithoutDefaultRedaction())
	speak(t.Context(), tel.Telemetry, "ada \"l\"")
	counter, err := tel.MeterProvider().Meter("m").Int64Counter("calls")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 1, metric.WithAttributes(attribute.String("who", "ada \"l\"")))
	leaks, err := rec.Leaks("ada \"l\"", "", "nobody")
	if err != nil || len(leaks) < 8 {
		t.Errorf("%d leaks were found, %v: %q", len(leaks), err, leaks)
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package dropin_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

var errStop = errors.New("the test has seen enough")

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

// A call is a turn of a session whose requests are sent by client.
type call struct {
	ctx     context.Context //nolint:containedctx // Of the turn.
	rec     *voicetest.Recorder
	turn    *otelvoice.Turn
	session *otelvoice.Session
	base    *http.Transport
	client  *http.Client
}

// startCall starts a turn. At the end of the test no goroutine of it may be left.
func startCall(t *testing.T) *call {
	t.Helper()
	before := goleak.IgnoreCurrent()
	c := &call{base: new(http.Transport)}
	t.Cleanup(func() {
		c.base.CloseIdleConnections()
		goleak.VerifyNone(t, before)
	})
	tel, rec := voicetest.Setup(t)
	c.rec = rec
	ctx, session := tel.StartSession(t.Context())
	c.session = session
	c.ctx, c.turn = session.StartTurn(ctx)
	c.client = &http.Client{Transport: voicehttp.Transport(tel.Telemetry, c.base)}
	return c
}

// end ends the turn and returns its stages, in the order in which they ended.
func (c *call) end(t *testing.T) (stages []sdktrace.ReadOnlySpan) {
	t.Helper()
	for _, span := range c.rec.Open() {
		if kind(span) != "" {
			t.Errorf("%s is open when the SDK has returned", span.Name())
		}
	}
	c.turn.End()
	c.session.End()
	voicetest.Check(t, c.rec)
	if _, ok := c.rec.Metric(semconv.MetricVoiceProviderNotUnderstood().Name); ok {
		t.Error("something was not understood")
	}
	for _, span := range c.rec.Spans() {
		if kind(span) != "" {
			stages = append(stages, span)
		}
	}
	return stages
}

// one ends the turn and returns its only stage.
func (c *call) one(t *testing.T) sdktrace.ReadOnlySpan {
	t.Helper()
	stages := c.end(t)
	if len(stages) != 1 {
		t.Fatalf("%d stages, want 1:\n%s", len(stages), c.rec.Shape())
	}
	return stages[0]
}

// kind returns the voice.stage of a span, or "" for one that is no stage.
func kind(span sdktrace.ReadOnlySpan) string {
	if value, ok := value(span, semconv.VoiceStageOutcomeKey); ok && value.AsString() != "" {
		return span.Name()
	}
	switch value, _ := value(span, semconv.GenAIOperationNameKey); value.AsString() {
	case semconv.GenAIOperationNameChat, semconv.GenAIOperationNameSpeechToText, semconv.GenAIOperationNameTextToSpeech:
		return span.Name()
	}
	return ""
}

func value(span sdktrace.ReadOnlySpan, key attribute.Key) (attribute.Value, bool) {
	set := attribute.NewSet(span.Attributes()...)
	return set.Value(key)
}

// has checks attributes of a span.
func has(t *testing.T, span sdktrace.ReadOnlySpan, want ...attribute.KeyValue) {
	t.Helper()
	for _, want := range want {
		got, ok := value(span, want.Key)
		switch {
		case !ok:
			t.Errorf("%s: there is no %s, want %s", span.Name(), want.Key, want.Value.Emit())
		case got != want.Value:
			t.Errorf("%s: %s is %s, want %s", span.Name(), want.Key, got.Emit(), want.Value.Emit())
		}
	}
}

// hasAny checks that a span has attributes of any value.
func hasAny(t *testing.T, span sdktrace.ReadOnlySpan, keys ...attribute.Key) {
	t.Helper()
	for _, key := range keys {
		if _, ok := value(span, key); !ok {
			t.Errorf("%s: there is no %s", span.Name(), key)
		}
	}
}

// lacks checks that a span does not have attributes.
func lacks(t *testing.T, span sdktrace.ReadOnlySpan, keys ...attribute.Key) {
	t.Helper()
	for _, key := range keys {
		if got, ok := value(span, key); ok {
			t.Errorf("%s: %s is %s, want none", span.Name(), key, got.Emit())
		}
	}
}

// requests returns the spans of HTTP requests.
func (c *call) requests() []sdktrace.ReadOnlySpan { return c.rec.Named("POST") }

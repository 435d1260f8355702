// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// Check fails the test if the spans recorded so far are inconsistent. It reports every error of
// [Recorder.Verify].
func Check(tb testing.TB, rec *Recorder) {
	tb.Helper()
	if err := rec.Verify(); err != nil {
		tb.Errorf("voicetest: the recorded spans are inconsistent:\n%v\n%s", err, rec.Timeline())
	}
}

// Verify returns an error that names every span of the toolkit that
//
//   - is open although its session has ended;
//   - has the wrong parent: turns and streams are children of their session, stages are
//     children of a turn of the same session and in the turn's trace;
//   - has the wrong kind, lacks an attribute that the registry requires, or has an
//     attribute in the toolkit's namespaces that is not in the registry;
//   - started after its parent had ended;
//   - has the status Error without error.type, or error.type without the status Error;
//   - has segments that do not sum to the response latency.
func (r *Recorder) Verify() error {
	spans := r.Spans()
	v := &verifier{byID: make(map[trace.SpanID]sdktrace.ReadOnlySpan, len(spans)), known: knownAttributes()}
	for _, s := range spans {
		v.byID[s.SpanContext().SpanID()] = s
	}
	for _, s := range spans {
		if s.InstrumentationScope().Name == otelvoice.ScopeName {
			v.span(&node{span: s})
		}
	}
	for _, s := range r.Open() {
		if parent := v.parent(s); parent != nil && s.InstrumentationScope().Name == otelvoice.ScopeName {
			v.fail(s, "is open although its parent %q has ended", parent.Name())
		}
	}
	return errors.Join(v.errs...)
}

type verifier struct {
	byID  map[trace.SpanID]sdktrace.ReadOnlySpan
	known map[string]semconv.Attribute
	errs  []error
}

func (v *verifier) fail(s sdktrace.ReadOnlySpan, format string, args ...any) {
	v.errs = append(v.errs, fmt.Errorf("%q (%s) %s", s.Name(), s.SpanContext().SpanID(), fmt.Sprintf(format, args...)))
}

func (v *verifier) span(n *node) {
	s := n.span
	v.place(n)
	for _, kv := range s.Attributes() {
		if owned(kv.Key) {
			if _, ok := v.known[string(kv.Key)]; !ok {
				v.fail(s, "has %s, which is not in the registry", kv.Key)
			}
		}
	}
	failed := s.Status().Code == codes.Error
	if typed := n.text(semconv.ErrorTypeKey) != ""; typed != failed {
		v.fail(s, "has error status %v and error.type %q", failed, n.text(semconv.ErrorTypeKey))
	}
	if def, ok := definitionOf(s.Name()); ok {
		if got := s.SpanKind().String(); got != def.Kind {
			v.fail(s, "is %s, want %s", got, def.Kind)
		}
		for _, name := range def.Required {
			if v.isOutside(n) && slices.Contains(idsOfTurn, attribute.Key(name)) {
				continue
			}
			if _, ok := n.value(attribute.Key(name)); !ok {
				v.fail(s, "lacks %s", name)
			}
		}
	}
	if _, late := n.value(semconv.VoiceStartedLateKey); late {
		v.fail(s, "started after its parent had ended")
	}
	v.segments(n)
}

// idsOfTurn are the required attributes that a stage outside of a turn lacks.
var idsOfTurn = []attribute.Key{semconv.SessionIDKey, semconv.GenAIConversationIDKey, semconv.VoiceTurnIDKey, semconv.VoiceTurnIndexKey}

// isOutside reports whether the span is that of a request to a provider outside of a turn, which the
// transport of voicehttp records as a GenAI span alone.
func (v *verifier) isOutside(n *node) bool {
	if n.text(semconv.VoiceStageOutcomeKey) == "" || n.text(semconv.VoiceTurnIDKey) != "" || n.span.SpanKind() != trace.SpanKindClient {
		return false
	}
	parent := v.parent(n.span)
	return parent == nil || parent.Name() != semconv.SpanVoiceTurn
}

// place checks that the span has the right parent.
func (v *verifier) place(n *node) {
	s := n.span
	parent := v.parent(s)
	switch {
	case s.Name() == semconv.SpanVoiceSession:
	case s.Name() == semconv.SpanVoiceTurn:
		v.under(n, parent, semconv.SpanVoiceSession)
	case n.text(semconv.VoiceStreamOutcomeKey) != "":
		v.under(n, parent, semconv.SpanVoiceSession)
	case v.isOutside(n):
		if parent != nil && parent.Name() == semconv.SpanVoiceSession {
			v.under(n, parent, semconv.SpanVoiceSession)
		}
	case n.text(semconv.VoiceStageOutcomeKey) != "":
		v.under(n, parent, semconv.SpanVoiceTurn)
		if parent != nil && parent.SpanContext().TraceID() != s.SpanContext().TraceID() {
			v.fail(s, "is in another trace than its turn")
		}
	}
}

// parent returns the parent of a span, if it has ended. The parent of a turn in a trace of its own
// is the span to which it links.
func (v *verifier) parent(s sdktrace.ReadOnlySpan) sdktrace.ReadOnlySpan {
	if parent, ok := v.byID[s.Parent().SpanID()]; ok {
		return parent
	}
	if s.Name() == semconv.SpanVoiceTurn && len(s.Links()) > 0 {
		return v.byID[s.Links()[0].SpanContext.SpanID()]
	}
	return nil
}

func (v *verifier) under(n *node, parent sdktrace.ReadOnlySpan, want string) {
	switch {
	case parent == nil:
		v.fail(n.span, "has no parent among the spans that ended, want a %s", want)
	case parent.Name() != want:
		v.fail(n.span, "has parent %q, want a %s", parent.Name(), want)
	default:
		p := &node{span: parent}
		if got, want := n.text(semconv.SessionIDKey), p.text(semconv.SessionIDKey); got != want {
			v.fail(n.span, "is of session %q under one of session %q", got, want)
		}
	}
}

// segments checks the sum of the segments. The durations sum exactly; the check allows for the
// rounding of float64.
func (v *verifier) segments(n *node) {
	response, ok := n.value(semconv.VoiceTurnResponseLatencyKey)
	if !ok {
		return
	}
	sum := 0.0
	for _, kv := range n.span.Attributes() {
		if isSegment(kv.Key) {
			if sum += kv.Value.AsFloat64(); kv.Value.AsFloat64() < 0 {
				v.fail(n.span, "has a negative %s", kv.Key)
			}
		}
	}
	if diff := sum - response.AsFloat64(); diff > 1e-9 || diff < -1e-9 {
		v.fail(n.span, "has segments of %.9fs in a response latency of %.9fs", sum, response.AsFloat64())
	}
}

// isSegment reports whether the key is the attribute of a segment.
func isSegment(key attribute.Key) bool {
	const prefix = len(semconv.VoiceTurnSegmentPlayoutKey) - len(semconv.VoiceSegmentPlayout)
	return strings.HasPrefix(string(key), string(semconv.VoiceTurnSegmentPlayoutKey[:prefix]))
}

// owned reports whether the name is in a namespace of the registry.
func owned(key attribute.Key) bool {
	namespace, _, _ := strings.Cut(string(key), ".")
	return slices.Contains([]string{"voice", "gen_ai", "session", "error"}, namespace)
}

func knownAttributes() map[string]semconv.Attribute {
	known := make(map[string]semconv.Attribute)
	for _, a := range semconv.Attributes() {
		known[a.Name] = a
	}
	return known
}

// definitionOf returns the registry's definition of a span by its name. The first word of the name
// is fixed, except for operations, which their callers name.
func definitionOf(name string) (semconv.Span, bool) {
	first, _, _ := strings.Cut(name, " ")
	for _, def := range semconv.Spans() {
		if def.ID == first {
			return def, true
		}
	}
	return semconv.Span{}, false
}

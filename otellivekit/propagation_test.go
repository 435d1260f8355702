// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/livekit/protocol/auth"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

const correlation = "550e8400-e29b-41d4-a716-446655440000"

// traced returns a context in a session of a caller's correlation ID, with baggage.
func traced(t *testing.T, tel *otelvoice.Telemetry) context.Context {
	t.Helper()
	member, err := baggage.NewMember("user.id", "jane")
	if err != nil {
		t.Fatal(err)
	}
	bag, err := baggage.New(member)
	if err != nil {
		t.Fatal(err)
	}
	ctx, session := tel.StartSession(otelvoice.ContextWithCorrelationID(baggage.ContextWithBaggage(t.Context(), bag), correlation))
	t.Cleanup(session.End)
	return ctx
}

func traceOf(ctx context.Context) string { return trace.SpanContextFromContext(ctx).TraceID().String() }

// checkContinued checks that a context is in the trace of the caller's ID.
func checkContinued(ctx context.Context, t *testing.T) {
	t.Helper()
	if traceOf(ctx) != strings.ReplaceAll(correlation, "-", "") || otelvoice.CorrelationID(ctx) != correlation {
		t.Errorf("the trace is %s, the correlation ID %s", traceOf(ctx), otelvoice.CorrelationID(ctx))
	}
}

func TestObjects(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	ctx := traced(t, tel.Telemetry)
	for _, tt := range []struct {
		name, object string
		kept         string // What must be in the result.
		err          error
	}{
		{"empty", "", "", nil},
		{"space", " \n", "", nil},
		{"an object of yours", `{"table":7,"nested":{"a":[1,2]}}`, `"nested":{"a":[1,2]}`, nil},
		{"one that was injected before", `{"otelvoice":{"traceparent":"old"},"table":7}`, `"table":7`, nil},
		{"not JSON", "table 7", "table 7", otellivekit.ErrNotObject},
		{"an array", "[1]", "[1]", otellivekit.ErrNotObject},
		{"null", "null", "null", otellivekit.ErrNotObject},
		{"half an object", `{"a":`, `{"a":`, otellivekit.ErrNotObject},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := otellivekit.Inject(ctx, tel.Telemetry, tt.object)
			if !errors.Is(err, tt.err) || !strings.Contains(got, tt.kept) {
				t.Fatalf("got %s, %v", got, err)
			}
			if tt.err != nil {
				if got != tt.object {
					t.Errorf("%q became %q", tt.object, got)
				}
				return
			}
			if strings.Contains(got, "jane") || strings.Contains(got, "old") {
				t.Errorf("what is not to be there: %s", got)
			}
			checkContinued(otellivekit.Extract(t.Context(), tel.Telemetry, got), t)
		})
	}
	if got, err := otellivekit.Inject(t.Context(), tel.Telemetry, "anything"); got != "anything" || err != nil {
		t.Errorf("without a trace: got %q, %v", got, err)
	}
}

// Metadata written by others is not trusted: it holds a valid trace, or none.
func TestForeignObjects(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	for _, object := range []string{
		"", "x", "[]", "null", `{"otelvoice":7}`, `{"otelvoice":{"traceparent":7}}`, `{"otelvoice":{"traceparent":"00-zz"}}`,
		`{"otelvoice":{"traceparent":"` + strings.Repeat("0", 10_000) + `"}}`, `{"otelvoice":{"baggage":"user.id=eve"}}`,
	} {
		ctx := otellivekit.Extract(t.Context(), tel.Telemetry, object)
		if trace.SpanContextFromContext(ctx).IsValid() || baggage.FromContext(ctx).Len() > 0 {
			t.Errorf("%.40s became a trace", object)
		}
	}
}

func TestToken(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	ctx := traced(t, tel.Telemetry)
	token := auth.NewAccessToken("key", "secret-of-32-characters-or-longer").SetIdentity("caller").
		SetAttributes(map[string]string{"table": "7"})
	jwt, err := otellivekit.SignToken(ctx, tel.Telemetry, token).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	// As the server reads it.
	verifier, err := auth.ParseAPIToken(jwt)
	if err != nil {
		t.Fatal(err)
	}
	_, claims, err := verifier.Verify("secret-of-32-characters-or-longer")
	if err != nil {
		t.Fatal(err)
	}
	if claims.Attributes["table"] != "7" || claims.Identity != "caller" {
		t.Errorf("claims: %+v", claims)
	}
	other := otellivekit.ExtractAttributes(t.Context(), tel.Telemetry, claims.Attributes)
	if traceOf(other) != traceOf(ctx) || otelvoice.CorrelationID(other) != correlation || baggage.FromContext(other).Len() != 0 {
		t.Errorf("the trace is %s, want %s", traceOf(other), traceOf(ctx))
	}
	if got := otellivekit.ExtractAttributes(t.Context(), tel.Telemetry, map[string]string{"table": "7"}); traceOf(got) != traceOf(t.Context()) {
		t.Error("a trace out of nothing")
	}
}

func FuzzExtract(f *testing.F) {
	f.Add(`{"otelvoice":{"traceparent":"00-550e8400e29b41d4a716446655440000-a1b2c3d4e5f60718-01","x-correlation-id":"a"}}`)
	tel, err := voicesdk.Setup(f.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, object string) {
		ctx := otellivekit.Extract(t.Context(), tel.Telemetry, object)
		again, err := otellivekit.Inject(ctx, tel.Telemetry, object)
		if err != nil && again != object {
			t.Errorf("%q became %q", object, again)
		}
		if err == nil && again != object && !json.Valid([]byte(again)) {
			t.Errorf("%q became %q", object, again)
		}
	})
}

func ExampleInject() {
	tel, err := voicesdk.Setup(context.Background(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		panic(err)
	}
	defer func() { _ = tel.Shutdown(context.Background()) }()
	ctx, session := tel.StartSession(otelvoice.ContextWithCorrelationID(context.Background(), correlation))
	defer session.End()

	payload, err := otellivekit.Inject(ctx, tel.Telemetry, `{"table":7}`) // Of an RPC, say.
	if err != nil {
		panic(err)
	}
	// On the other side:
	fmt.Println(otelvoice.CorrelationID(otellivekit.Extract(context.Background(), tel.Telemetry, payload)))
	// Output: 550e8400-e29b-41d4-a716-446655440000
}

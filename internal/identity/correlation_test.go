// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/identity"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, in  string
		wantText  string // "" if the ID is rejected
		wantTrace string // "" for any
	}{
		{"UUID is its own trace ID", "550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000", "550e8400e29b41d4a716446655440000"},
		{"UUID in upper case", "550E8400-E29B-41D4-A716-446655440000", "550e8400-e29b-41d4-a716-446655440000", "550e8400e29b41d4a716446655440000"},
		{"trace ID without hyphens", "550e8400e29b41d4a716446655440000", "550e8400-e29b-41d4-a716-446655440000", "550e8400e29b41d4a716446655440000"},
		{"hyphens elsewhere make it another ID", "550e840-0e29b-41d4-a716-446655440000", "550e840-0e29b-41d4-a716-446655440000", ""},
		// echo -n order-42 | sha256sum | cut -c 1-32
		{"any other ID is hashed", "order-42", "order-42", "3bf8b157c4238eefe5ae4a66eca81c6b"},
		{"every allowed character", "aZ09._:-", "aZ09._:-", ""},
		{"128 characters", strings.Repeat("a", 128), strings.Repeat("a", 128), ""},
		{"129 characters", strings.Repeat("a", 129), "", ""},
		{"empty", "", "", ""},
		{"nil UUID", "00000000-0000-0000-0000-000000000000", "", ""},
		{"nil trace ID", strings.Repeat("0", 32), "", ""},
		{"header injection", "id\r\nSet-Cookie: a=b", "", ""},
		{"control character", "id\x00", "", ""},
		{"space", "id 1", "", ""},
		{"not ASCII", "idé", "", ""},
		{"markup", "<script>", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := identity.Parse(tt.in)
			if got.Text != tt.wantText || ok != (tt.wantText != "") {
				t.Fatalf("Parse(%q)\ngot  %q, %v\nwant %q", tt.in, got.Text, ok, tt.wantText)
			}
			if tt.wantTrace != "" && got.TraceID.String() != tt.wantTrace {
				t.Errorf("trace ID\ngot  %s\nwant %s", got.TraceID, tt.wantTrace)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"550e8400-e29b-41d4-a716-446655440000", "order-42", "", "\r\n", strings.Repeat("f", 32)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		id, ok := identity.Parse(in)
		if !ok {
			if id.IsValid() {
				t.Fatalf("refused %q but returned %+v", in, id)
			}
			return
		}
		if !id.TraceID.IsValid() {
			t.Fatalf("accepted %q with an invalid trace ID", in)
		}
		if strings.ContainsAny(id.Text, "\r\n \t\x00") || len(id.Text) > identity.MaxCorrelationLength {
			t.Fatalf("accepted %q as %q, which is not safe in a header", in, id.Text)
		}
		again, ok := identity.Parse(id.Text)
		if !ok || again != id {
			t.Fatalf("the text %q of %q does not parse to the same ID", id.Text, in)
		}
	})
}

func TestFormatIsParsedBack(t *testing.T) {
	for range 1000 {
		tid := identity.NewTraceID()
		got, ok := identity.Parse(identity.Format(tid))
		if !ok || got.TraceID != tid {
			t.Fatalf("Format(%s) = %s, parsed to %s", tid, identity.Format(tid), got.TraceID)
		}
	}
}

var _ sdktrace.IDGenerator = identity.Generator{}

func TestGeneratorTakesTheSeed(t *testing.T) {
	id, _ := identity.Parse("order-42")
	ctx := identity.WithSeed(t.Context(), id)
	tid, sid := identity.Generator{}.NewIDs(ctx)
	if tid != id.TraceID || !sid.IsValid() {
		t.Errorf("NewIDs = %s, %s; want trace %s and a valid span", tid, sid, id.TraceID)
	}
	if tid, _ = (identity.Generator{}).NewIDs(identity.WithoutSeed(ctx)); tid == id.TraceID || !tid.IsValid() {
		t.Errorf("NewIDs without the seed = %s; want another valid trace", tid)
	}
}

func TestPropagator(t *testing.T) {
	const (
		uuidText = "550e8400-e29b-41d4-a716-446655440000"
		parent   = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
		same     = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
	)
	p := propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, identity.Propagator{})
	for _, tt := range []struct {
		name, traceparent, header string
		want                      string
	}{
		{"nothing", "", "", ""},
		{"an ID alone seeds the trace", "", uuidText, uuidText},
		{"an invalid ID is passed over", "", "bad id", ""},
		{"traceparent alone", parent, "", ""},
		{"traceparent wins over another ID", parent, uuidText, ""},
		{"an ID that stands for the same trace is kept", parent, same, same},
		{"a broken traceparent does not win", "00-xyz", uuidText, uuidText},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{}
			h.Set("traceparent", tt.traceparent)
			h.Set(identity.Header, tt.header)
			ctx := p.Extract(context.Background(), propagation.HeaderCarrier(h))
			if got := identity.Seed(ctx).Text; got != tt.want {
				t.Errorf("seed\ngot  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestSeed(t *testing.T) {
	id, _ := identity.Parse("order-42")
	seeded := identity.WithSeed(t.Context(), id)
	for _, tt := range []struct {
		name string
		got  identity.ID
		want identity.ID
	}{
		{"none", identity.Seed(t.Context()), identity.ID{}},
		{"one", identity.Seed(seeded), id},
		{"taken away", identity.Seed(identity.WithoutSeed(seeded)), identity.ID{}},
		{"given anew", identity.Seed(identity.WithSeed(identity.WithoutSeed(seeded), id)), id},
		{"a zero one", identity.Seed(identity.WithSeed(seeded, identity.ID{})), identity.ID{}},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, tt.got, tt.want)
		}
	}
	if ctx := t.Context(); identity.WithoutSeed(ctx) != ctx {
		t.Error("a context without a seed is another one without it")
	}
}

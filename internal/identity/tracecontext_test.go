// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
)

const (
	traceID = "0af7651916cd43dd8448eb211c80319c"
	parent  = "00-" + traceID + "-b7ad6b7169203331-01"
)

// w3c returns the default of OTEL_PROPAGATORS. The composite is part of the test.
func w3c() propagation.TextMapPropagator {
	return identity.Wrap(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
}

func TestParent(t *testing.T) {
	for _, tt := range []struct {
		name    string
		headers []string
		want    string // Trace ID and flags; "" for none.
	}{
		{"valid", []string{parent}, traceID + "-01"},
		{"not sampled", []string{"00-" + traceID + "-b7ad6b7169203331-00"}, traceID + "-00"},
		{"random", []string{"00-" + traceID + "-b7ad6b7169203331-03"}, traceID + "-03"},
		{"flags that are not defined", []string{"00-" + traceID + "-b7ad6b7169203331-ff"}, traceID + "-03"},
		{"none", nil, ""},
		{"empty", []string{""}, ""},
		{"two", []string{parent, "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}, ""},
		{"the same twice", []string{parent, parent}, ""},
		{"two in one header", []string{parent + "," + parent}, ""},
		{"one and an empty one", []string{parent, ""}, ""},
		{"blanks around", []string{" \t" + parent + "\t "}, traceID + "-01"},
		{"blanks inside", []string{"00- " + traceID[1:] + "-b7ad6b7169203331-01"}, ""},
		{"more after version 00", []string{parent + "-more"}, ""},
		{"a dash after version 00", []string{parent + "-"}, ""},
		{"a dot after version 00", []string{parent + "."}, ""},
		{"a later version", []string{"cc-" + traceID + "-b7ad6b7169203331-01"}, traceID + "-01"},
		{"a later version with more", []string{"cc-" + traceID + "-b7ad6b7169203331-01-more-of-it"}, traceID + "-01"},
		{"a later version with more after no dash", []string{"cc-" + traceID + "-b7ad6b7169203331-01.more"}, ""},
		{"a later version's flags", []string{"01-" + traceID + "-b7ad6b7169203331-0d"}, traceID + "-01"},
		{"the version that never is", []string{"ff-" + traceID + "-b7ad6b7169203331-01"}, ""},
		{"a version of upper case", []string{"CC-" + traceID + "-b7ad6b7169203331-01"}, ""},
		{"no version", []string{traceID + "-b7ad6b7169203331-01"}, ""},
		{"a version of one digit", []string{"0-" + traceID + "-b7ad6b7169203331-01"}, ""},
		{"a version of three digits", []string{"000-" + traceID + "-b7ad6b7169203331-01"}, ""},
		{"a version that is no number", []string{"0.-" + traceID + "-b7ad6b7169203331-01"}, ""},
		{"a trace ID of zeros", []string{"00-" + strings.Repeat("0", 32) + "-b7ad6b7169203331-01"}, ""},
		{"a trace ID of upper case", []string{"00-" + strings.ToUpper(traceID) + "-b7ad6b7169203331-01"}, ""},
		{"a trace ID that is too long", []string{"00-0" + traceID + "-b7ad6b7169203331-01"}, ""},
		{"a trace ID that is too short", []string{"00-" + traceID[1:] + "-b7ad6b7169203331-01"}, ""},
		{"a trace ID that is no number", []string{"00-." + traceID[1:] + "-b7ad6b7169203331-01"}, ""},
		{"a parent ID of zeros", []string{"00-" + traceID + "-0000000000000000-01"}, ""},
		{"a parent ID that is too long", []string{"00-" + traceID + "-b7ad6b71692033311-01"}, ""},
		{"a parent ID that is too short", []string{"00-" + traceID + "-b7ad6b716920333-01"}, ""},
		{"a parent ID that is no number", []string{"00-" + traceID + "-b7ad6b716920333.-01"}, ""},
		{"flags of one digit", []string{"00-" + traceID + "-b7ad6b7169203331-1"}, ""},
		{"flags of three digits", []string{"00-" + traceID + "-b7ad6b7169203331-001"}, ""},
		{"flags that are no number", []string{"00-" + traceID + "-b7ad6b7169203331-.1"}, ""},
		{"other dashes", []string{strings.ReplaceAll(parent, "-", "_")}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{"Traceparent": tt.headers, "Tracestate": {"a=1"}, "Baggage": {"b=2"}}
			ctx := w3c().Extract(t.Context(), propagation.HeaderCarrier(h))
			got := ""
			if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
				got = sc.TraceID().String() + "-" + sc.TraceFlags().String()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if state := identity.State(ctx); (state != "") != (tt.want != "") {
				t.Errorf("tracestate %q beside it", state)
			}
			if bag := baggage.FromContext(ctx).String(); bag != "b=2" {
				t.Errorf("baggage %q", bag)
			}
		})
	}
}

func TestState(t *testing.T) {
	numbered := func(n int) string {
		members := make([]string, n)
		for i := range members {
			members[i] = "k" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + "=1"
		}
		return strings.Join(members, ",")
	}
	long := strings.Repeat("z", 256)
	for _, tt := range []struct {
		name    string
		headers []string
		want    string
	}{
		{"one", []string{"foo=1"}, "foo=1"},
		{"several in one", []string{"foo=1,bar=2"}, "foo=1,bar=2"},
		{"several headers, in order", []string{"foo=1,bar=2", "rojo=1,congo=2", "baz=3"}, "foo=1,bar=2,rojo=1,congo=2,baz=3"},
		{"none", nil, ""},
		{"empty", []string{""}, ""},
		{"an empty one before", []string{"", "foo=1"}, "foo=1"},
		{"an empty one after", []string{"foo=1", ""}, "foo=1"},
		{"empty members", []string{",foo=1,, \t,bar=2,"}, "foo=1,bar=2"},
		{"blanks around members", []string{" foo=1 \t , \tbar=2\t"}, "foo=1,bar=2"},
		{"blanks in values", []string{"foo= 1 2"}, "foo= 1 2"},
		{"a key twice", []string{"foo=1,bar=2,foo=3"}, "foo=1,bar=2"},
		{"a key in two headers", []string{"foo=1", "foo=2"}, "foo=1"},
		{"the same member twice", []string{"foo=1,foo=1"}, "foo=1"},
		{"all characters of keys", []string{"az09_-*/=1"}, "az09_-*/=1"},
		{"a tenant", []string{"0tenant@system=1,bar=2"}, "0tenant@system=1,bar=2"},
		{"a key that begins with a digit", []string{"1foo=1,bar=2"}, "1foo=1,bar=2"},
		{"a key that ends with @", []string{"bar=2,foo@=1"}, "bar=2,foo@=1"},
		{"keys with @@ and two @", []string{"foo@@bar=1,foo@bar@baz=2,bar=3"}, "foo@@bar=1,foo@bar@baz=2,bar=3"},
		{"a long tenant", []string{"foo=1", strings.Repeat("t", 242) + "@v=1"}, "foo=1," + strings.Repeat("t", 242) + "@v=1"},
		{"a long system", []string{"t@" + strings.Repeat("v", 15) + "=1,foo=1"}, "t@" + strings.Repeat("v", 15) + "=1,foo=1"},
		{"a key that begins with @", []string{"@foo=1,bar=2"}, ""},
		{"a key of 256", []string{"foo=1", long + "=1"}, "foo=1," + long + "=1"},
		{"a key of 257", []string{"foo=1", long + "z=1"}, ""},
		{"a key of 257 with an @", []string{"foo=1", "t@" + long[1:] + "=1"}, ""},
		{"a value of 256", []string{"foo=" + long}, "foo=" + long},
		{"a value of 257", []string{"foo=z" + long}, ""},
		{"32 members", []string{numbered(32)}, numbered(32)},
		{"33 members", []string{numbered(33)}, ""},
		{"33 members in two headers", []string{numbered(32), "foo=1"}, ""},
		{"a blank in a key", []string{"foo =1"}, ""},
		{"upper case", []string{"FOO=1"}, ""},
		{"a dot in a key", []string{"foo.bar=1"}, ""},
		{"no key", []string{"=1,bar=2"}, ""},
		{"no value", []string{"foo=,bar=3"}, ""},
		{"a value of blanks", []string{"foo=  ,bar=3"}, ""},
		{"no =", []string{"foo,bar=3"}, ""},
		{"two =", []string{"foo=bar=baz"}, ""},
		{"a value with a tab", []string{"foo=a\tb"}, ""},
		{"a value that is not ASCII", []string{"foo=ä"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{"Traceparent": {parent}, "Tracestate": tt.headers}
			ctx := w3c().Extract(t.Context(), propagation.HeaderCarrier(h))
			if got := trace.SpanContextFromContext(ctx).TraceID().String(); got != traceID {
				t.Fatalf("trace ID %s", got)
			}
			out := http.Header{}
			w3c().Inject(ctx, propagation.HeaderCarrier(out))
			if got := out.Get("Tracestate"); got != tt.want || identity.State(ctx) != tt.want || len(out["Tracestate"]) > 1 {
				t.Errorf("sent %q, state %q, want %q", out["Tracestate"], identity.State(ctx), tt.want)
			}
		})
	}
}

// Level 2 members stay among those that the program changes.
func TestChangedState(t *testing.T) {
	for _, tt := range []struct {
		name   string
		in     string
		change func(trace.TraceState) trace.TraceState
		want   string
	}{
		{"one more", "a@=1,b=2", func(s trace.TraceState) trace.TraceState { s, _ = s.Insert("c", "3"); return s }, "c=3,a@=1,b=2"},
		{"one changed", "a@=1,b=2,c=3", func(s trace.TraceState) trace.TraceState { s, _ = s.Insert("c", "4"); return s }, "c=4,a@=1,b=2"},
		{"one less", "a@=1,b=2,c=3", func(s trace.TraceState) trace.TraceState { return s.Delete("b") }, "a@=1,c=3"},
		{"all gone", "b=2,a@=1", func(trace.TraceState) trace.TraceState { return trace.TraceState{} }, "a@=1"},
		{
			"one too many", "a@=1," + strings.Join(letters(31), ","),
			func(s trace.TraceState) trace.TraceState { s, _ = s.Insert("new", "1"); return s },
			"new=1,a@=1," + strings.Join(letters(30), ","),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{"Traceparent": {parent}, "Tracestate": {tt.in}}
			ctx := w3c().Extract(t.Context(), propagation.HeaderCarrier(h))
			sc := trace.SpanContextFromContext(ctx)
			ctx = trace.ContextWithSpanContext(ctx, sc.WithTraceState(tt.change(sc.TraceState())))
			if got := identity.State(ctx); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func letters(n int) []string {
	members := make([]string, n)
	for i := range members {
		members[i] = "m" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + "=1"
	}
	return members
}

// The state of one trace is not sent with another.
func TestStateOfAnotherTrace(t *testing.T) {
	ctx := w3c().Extract(t.Context(), propagation.HeaderCarrier{"Traceparent": {parent}, "Tracestate": {"a@=1"}})
	ctx = trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}))
	out := http.Header{}
	w3c().Inject(ctx, propagation.HeaderCarrier(out))
	if len(out["Tracestate"]) > 0 || identity.State(ctx) != "" {
		t.Errorf("sent %q", out["Tracestate"])
	}
}

// A carrier has single values, as message queues do.
func TestMapCarrier(t *testing.T) {
	in := propagation.MapCarrier{"traceparent": parent, "tracestate": "a@=1,b=2", "baggage": "c=3"}
	out := propagation.MapCarrier{}
	w3c().Inject(w3c().Extract(t.Context(), in), out)
	if out["tracestate"] != in["tracestate"] || out["baggage"] != in["baggage"] || out["traceparent"] != parent {
		t.Errorf("got %v", out)
	}
}

func TestOtherPropagators(t *testing.T) {
	if _, ok := identity.Wrap(propagation.Baggage{}).(propagation.Baggage); !ok {
		t.Error("baggage is wrapped")
	}
	if got := w3c().Fields(); !slices.Contains(got, "traceparent") || !slices.Contains(got, "baggage") {
		t.Errorf("fields %q", got)
	}
}

// Sent headers are valid and are parsed to the same values.
func FuzzHeaders(f *testing.F) {
	f.Add(parent, "a@=1,b=2", "c=3")
	f.Add("cc-"+traceID+"-b7ad6b7169203331-ff-x", "1=1", "")
	f.Add("\xff", "=", ",")
	f.Fuzz(func(t *testing.T, parent, one, two string) {
		ctx := w3c().Extract(t.Context(), propagation.HeaderCarrier{"Traceparent": {parent}, "Tracestate": {one, two}})
		out := http.Header{}
		w3c().Inject(ctx, propagation.HeaderCarrier(out))
		again := http.Header{}
		w3c().Inject(w3c().Extract(t.Context(), propagation.HeaderCarrier(out)), propagation.HeaderCarrier(again))
		if out.Get("Traceparent") != again.Get("Traceparent") || out.Get("Tracestate") != again.Get("Tracestate") {
			t.Errorf("sent %q and then %q", out, again)
		}
		if state := out.Get("Tracestate"); state != "" && (!trace.SpanContextFromContext(ctx).IsValid() || strings.Count(state, ",") >= 32) {
			t.Errorf("sent %q", state)
		}
	})
}

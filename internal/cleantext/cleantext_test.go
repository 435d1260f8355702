// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cleantext_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

func TestString(t *testing.T) {
	long := strings.Repeat("é", cleantext.MaxBytes) // Two bytes each.
	for _, tt := range []struct{ name, in, want string }{
		{"clean", "Grüezi, 世界", "Grüezi, 世界"},
		{"empty", "", ""},
		{"invalid byte", "a\xffb", "a\uFFFDb"},
		{"a run of invalid bytes becomes one U+FFFD", "a\xff\xfe\xfdb", "a\uFFFDb"},
		{"invalid bytes on both sides", "\xffa\xff", "\uFFFDa\uFFFD"},
		{"U+FFFD beside an invalid byte", "\uFFFD\xff\uFFFD", "\uFFFD\uFFFD\uFFFD"},
		{"text that was truncated before", strings.Repeat("a", cleantext.MaxBytes) + "…(+7 bytes)", strings.Repeat("a", cleantext.MaxBytes) + "…(+7 bytes)"},
		{"U+FFFD is longer than an invalid byte", strings.Repeat("\xffa", cleantext.MaxBytes/2), strings.Repeat("\uFFFDa", cleantext.MaxBytes/4) + "…(+32768 bytes)"},
		{"a partial rune", "a\xe4\xb8", "a\uFFFD"},
		{"exactly the limit", strings.Repeat("a", cleantext.MaxBytes), strings.Repeat("a", cleantext.MaxBytes)},
		{"one byte over", strings.Repeat("a", cleantext.MaxBytes+1), strings.Repeat("a", cleantext.MaxBytes) + "…(+1 bytes)"},
		{"cut between runes", "a" + long, "a" + strings.Repeat("é", cleantext.MaxBytes/2-1) + "…(+65538 bytes)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cleantext.String(tt.in); got != tt.want {
				t.Errorf("got  %.40q (%d bytes)\nwant %.40q (%d bytes)", got, len(got), tt.want, len(tt.want))
			}
		})
	}
}

func TestHead(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"abcd", "abcd"},
		{"abcde", "abcd"},
		{"abcé", "abc"},
		{"ab\xff", "ab"}, // U+FFFD does not fit.
		{"a\xff", "a\uFFFD"},
		{"\x80\x80\x80\x80\x80\x80\x80\x80", "\uFFFD"},
	} {
		if got := cleantext.Head(tt.in, 4); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestAttributesDoesNotChangeItsArgument(t *testing.T) {
	in := []attribute.KeyValue{
		attribute.String("clean", "a"),
		attribute.String("dirty", "a\xff"),
		attribute.StringSlice("list", []string{"a", "\xff"}),
		attribute.Map("map", attribute.String("inner\xff", "b"), attribute.Slice("deep", attribute.StringValue("\xff"))),
		attribute.Int("n", 1),
	}
	before := slices.Clone(in)
	got, changed := cleantext.Attributes(in)
	if !changed {
		t.Error("not reported as changed")
	}
	want := []attribute.KeyValue{
		attribute.String("clean", "a"),
		attribute.String("dirty", "a\uFFFD"),
		attribute.StringSlice("list", []string{"a", "\uFFFD"}),
		attribute.Map("map", attribute.String("inner\uFFFD", "b"), attribute.Slice("deep", attribute.StringValue("\uFFFD"))),
		attribute.Int("n", 1),
	}
	for i := range want {
		if got[i].Key != want[i].Key || got[i].Value.String() != want[i].Value.String() {
			t.Errorf("attribute %d\ngot  %v\nwant %v", i, got[i], want[i])
		}
		if in[i].Value.String() != before[i].Value.String() {
			t.Errorf("the argument's attribute %d was changed to %v", i, in[i])
		}
	}
}

func TestCleanTextAllocatesNothing(t *testing.T) {
	attrs := []attribute.KeyValue{attribute.String("a", "b"), attribute.Int("n", 1), attribute.Float64("f", .5)}
	if n := testing.AllocsPerRun(100, func() { cleantext.Attributes(attrs) }); n != 0 {
		t.Errorf("%v allocations for clean attributes, want 0", n)
	}
}

func TestKeysThatBecomeEqual(t *testing.T) {
	in := []attribute.KeyValue{attribute.Int("a\xff", 1), attribute.Int("b", 2), attribute.Int("a\xfe", 3)}
	got, changed := cleantext.Attributes(in)
	if want := []attribute.KeyValue{attribute.Int("a\uFFFD", 3), attribute.Int("b", 2)}; !changed || !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// Keys that were equal before stay equal.
	twice := []attribute.KeyValue{attribute.Int("a", 1), attribute.Int("a", 2)}
	if got, changed := cleantext.Attributes(twice); changed || len(got) != 2 {
		t.Errorf("got %v of clean attributes", got)
	}
}

func TestSet(t *testing.T) {
	clean := attribute.NewSet(attribute.String("a", "b"), attribute.ByteSlice("bytes", []byte{255}))
	if got, changed := cleantext.Set(clean); changed || got != clean {
		t.Errorf("a clean set became %v", got.ToSlice())
	}
	for _, dirty := range []attribute.KeyValue{
		attribute.String("a\xff", "b"), attribute.String("a", "\xff"), attribute.StringSlice("a", []string{"\xff"}), attribute.Map("a", attribute.String("b", "\xff")),
	} {
		got, changed := cleantext.Set(attribute.NewSet(dirty, attribute.ByteSlice("bytes", []byte{255})))
		if text := got.Encoded(attribute.DefaultEncoder()); !changed || !utf8.ValidString(text) || got.Len() != 2 {
			t.Errorf("%v became %q", dirty, text)
		}
		if v, _ := got.Value("bytes"); v.Type() != attribute.BYTESLICE {
			t.Errorf("bytes became %v", v)
		}
	}
}

func TestDepthIsBounded(t *testing.T) {
	v := attribute.StringValue("\xff")
	for range 1000 {
		v = attribute.MapValue(attribute.KeyValue{Key: "k", Value: v})
	}
	got, changed := cleantext.Value(v)
	if !changed || !utf8.ValidString(got.String()) {
		t.Errorf("a value of 1,000 levels: changed %v, valid %v", changed, utf8.ValidString(got.String()))
	}
}

func FuzzString(f *testing.F) {
	f.Add("a\xffb", 1)
	f.Add("世", cleantext.MaxBytes)
	f.Fuzz(func(t *testing.T, s string, repeat int) {
		in := strings.Repeat(s, min(max(repeat, 0), 2*cleantext.MaxBytes/(len(s)+1)))
		out := cleantext.String(in)
		if !utf8.ValidString(out) {
			t.Fatalf("%.40q became %.40q, which is not UTF-8", in, out)
		}
		if len(out) > cleantext.MaxBytes+32 {
			t.Fatalf("%d bytes became %d", len(in), len(out))
		}
		if again := cleantext.String(out); again != out {
			t.Fatalf("%.40q of %d bytes, cleaned again, has %d", out, len(out), len(again))
		}
		if utf8.ValidString(in) && len(in) <= cleantext.MaxBytes && out != in {
			t.Fatalf("clean text %.40q became %.40q", in, out)
		}
	})
}

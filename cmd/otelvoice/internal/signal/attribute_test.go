// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package signal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

func TestAttributes(t *testing.T) {
	a := signal.NewAttributes([]signal.Attribute{
		{"b", int64(2)}, {"a", "first"}, {"c", 1.5}, {"a", "last"}, {"d", true}, {"list", []any{"x", "y", int64(3)}}, {"nan", math.NaN()}, {"whole", 7.0}, {"huge", 1e300},
	})
	if a.Text("a") != "last" || a.Text("b") != "" || len(a) != 8 || a.Has("z") {
		t.Errorf("got %v", a)
	}
	if n, ok := a.Int("whole"); n != 7 || !ok {
		t.Errorf("whole: %v, %v", n, ok)
	}
	if _, ok := a.Int("c"); ok {
		t.Error("1.5 is a whole number")
	}
	if f, ok := a.Float("b"); f != 2 || !ok {
		t.Errorf("b: %v, %v", f, ok)
	}
	if _, ok := a.Float("nan"); ok {
		t.Error("NaN is a number")
	}
	if d, ok := a.Seconds("c"); d != 1500*time.Millisecond || !ok {
		t.Errorf("c: %v, %v", d, ok)
	}
	if _, ok := a.Seconds("huge"); ok {
		t.Error("1e300 s is a duration")
	}
	if v, ok := a.Bool("d"); !v || !ok {
		t.Errorf("d: %v, %v", v, ok)
	}
	if got := a.Texts("list"); !reflect.DeepEqual(got, []string{"x", "y"}) {
		t.Errorf("list: %v", got)
	}
}

// What JSON holds comes back as it was.
func TestAttributesInJSON(t *testing.T) {
	a := signal.NewAttributes([]signal.Attribute{
		{"text", "<&>\u2028"}, {"int", int64(math.MaxInt64)}, {"float", 0.1}, {"list", []any{int64(1), "x", true}}, {"map", signal.NewAttributes([]signal.Attribute{{"k", "v"}})},
	})
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var back signal.Attributes
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, a) {
		t.Errorf("%s: %v, got %v, want %v", text, err, back, a)
	}
	if text, err := json.Marshal(signal.Attributes{{"x", math.Inf(1)}, {"y", []any{math.NaN()}}}); err != nil || string(text) != `{"x":"+Inf","y":["NaN"]}` {
		t.Errorf("%s, %v", text, err)
	}
}

func TestDuration(t *testing.T) {
	at := time.Unix(100, 0)
	for _, tt := range []struct {
		start, end time.Time
		want       time.Duration
		ok         bool
	}{
		{at, at.Add(time.Second), time.Second, true},
		{at, at, 0, true},
		{at, at.Add(-1), 0, false},
		{at, time.Time{}, 0, false},
		{time.Time{}, at, 0, false},
	} {
		if got, ok := (&signal.Span{Start: tt.start, End: tt.end}).Duration(); got != tt.want || ok != tt.ok {
			t.Errorf("%v to %v: got %v, %v", tt.start, tt.end, got, ok)
		}
	}
}

// FuzzAttributesInJSON compares with package json.
func FuzzAttributesInJSON(f *testing.F) {
	f.Add("key", "a \"text\" \\ \x00\x7f é <script> \u2028", 0.1, int64(-7), true)
	f.Add("", "\xff", math.Inf(-1), int64(math.MinInt64), false)
	f.Fuzz(func(t *testing.T, key, text string, f float64, n int64, b bool) {
		a := signal.Attributes{{key, text}, {"f", f}, {"list", []any{n, b, text, nil, []any{f}}}}
		got, err := a.MarshalJSON()
		if err != nil || !json.Valid(got) {
			t.Fatalf("%s, %v", got, err)
		}
		number := any(f)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			number = strconv.FormatFloat(f, 'g', -1, 64)
		}
		plain, err := json.Marshal([]any{key, text, "f", number, "list", []any{n, b, text, nil, []any{number}}})
		if err != nil {
			t.Fatal(err)
		}
		var want, back any
		if err := errors.Join(json.Unmarshal(plain, &want), json.Unmarshal(bytes.NewBufferString("["+pairs(string(got))+"]").Bytes(), &back)); err != nil || !reflect.DeepEqual(back, want) {
			t.Errorf("%s, want %s, %v", got, plain, err)
		}
	})
}

// pairs returns the keys and values of an object as the elements of a list.
func pairs(object string) string {
	in := json.NewDecoder(strings.NewReader(object))
	in.UseNumber()
	_, _ = in.Token()
	var out []string
	for in.More() {
		key, _ := in.Token()
		text, _ := json.Marshal(key)
		var value json.RawMessage
		_ = in.Decode(&value)
		out = append(out, string(text), string(value))
	}
	return strings.Join(out, ",")
}

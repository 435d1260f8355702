// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"math/big"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/redaction"
)

type (
	tier    int
	stamp   time.Time
	voiceID string
	token   struct{ value string }
	endless []endless
	inward  struct{}
	nest    map[string]nest
)

type (
	stampedError struct{ At time.Time }
	clumsy       struct{ N int }
)

func (t tier) String() string                     { return [...]string{"free", "paid"}[t] }
func (token) LogValue() slog.Value                { return slog.StringValue("(a token)") }
func (inward) LogValue() slog.Value               { return slog.AnyValue([]any{inward{}}) }
func (stampedError) Error() string                { return "late" }
func (clumsy) MarshalText() (b []byte, err error) { panic("MarshalText") }

// logged is an attribute in the forms that outputs receive: in the record, and in a line as JSON.
type logged struct {
	kind  attribute.Type
	value string
	json  string
}

func logAttr(t *testing.T, log func(*slog.Logger)) (map[string]logged, map[string]any) {
	t.Helper()
	l := &output{}
	var line bytes.Buffer
	log(slog.New(logpipe.NewHandler("m", "v", logpipe.New(
		logpipe.Options{WithoutThreadID: true, Redactor: redaction.New(redaction.Default())}, via(l), via(jsonlog.New(&line, nil)),
	))))
	var fields struct {
		Extra     map[string]json.RawMessage `json:"extra_data"`
		Exception map[string]any             `json:"exception"`
	}
	if err := json.Unmarshal(line.Bytes(), &fields); err != nil {
		t.Fatalf("%v in %s", err, line.String())
	}
	out := make(map[string]logged)
	l.records[0].WalkAttributes(func(kv attribute.KeyValue) bool {
		if text, ok := fields.Extra[string(kv.Key)]; ok {
			out[string(kv.Key)] = logged{kv.Value.Type(), kv.Value.String(), string(text)}
		}
		return true
	})
	return out, fields.Exception
}

// Times, durations and numbers keep their values, in the line and in the record.
func TestValuesAreExact(t *testing.T) {
	at := time.Date(2300, 1, 1, 0, 0, 0, 1, time.UTC)
	const ns = 1500*time.Millisecond + 1
	twoToThe70 := new(big.Int).Lsh(big.NewInt(1), 70)
	self := endless{nil, nil}
	self[0], self[1] = self, self
	for _, tt := range []struct {
		name  string
		value slog.Value
		want  logged
	}{
		{"time", slog.TimeValue(at), logged{attribute.STRING, "2300-01-01T00:00:00.000000001Z", `"2300-01-01T00:00:00.000000001Z"`}},
		{"zero time", slog.TimeValue(time.Time{}), logged{attribute.STRING, "0001-01-01T00:00:00Z", `"0001-01-01T00:00:00Z"`}},
		{"any time", slog.AnyValue(any(at)), logged{attribute.STRING, "2300-01-01T00:00:00.000000001Z", `"2300-01-01T00:00:00.000000001Z"`}},
		{"pointer to a time", slog.AnyValue(&at), logged{attribute.STRING, "2300-01-01T00:00:00.000000001Z", `"2300-01-01T00:00:00.000000001Z"`}},
		{"nil pointer to a time", slog.AnyValue((*time.Time)(nil)), logged{attribute.EMPTY, "", `null`}},
		{"type of a time", slog.AnyValue(stamp(at)), logged{attribute.STRING, "2300-01-01T00:00:00.000000001Z", `"2300-01-01T00:00:00.000000001Z"`}},
		{"times", slog.AnyValue([]time.Time{at}), logged{attribute.SLICE, `["2300-01-01T00:00:00.000000001Z"]`, `["2300-01-01T00:00:00.000000001Z"]`}},
		{"duration", slog.DurationValue(ns), logged{attribute.STRING, "1.500000001s", `"1.500000001s"`}},
		{"no duration", slog.DurationValue(0), logged{attribute.STRING, "0s", `"0s"`}},
		{"longest duration", slog.DurationValue(math.MaxInt64), logged{attribute.STRING, "2562047h47m16.854775807s", `"2562047h47m16.854775807s"`}},
		{"negative duration", slog.DurationValue(-ns), logged{attribute.STRING, "-1.500000001s", `"-1.500000001s"`}},
		{"pointer to a duration", slog.AnyValue(new(ns)), logged{attribute.STRING, "1.500000001s", `"1.500000001s"`}},
		{"durations", slog.AnyValue([]time.Duration{ns, 0}), logged{attribute.SLICE, `["1.500000001s","0s"]`, `["1.500000001s","0s"]`}},
		{"map of durations", slog.AnyValue(map[string]time.Duration{"a": ns}), logged{attribute.MAP, `{"a":"1.500000001s"}`, `{"a":"1.500000001s"}`}},
		{"map by durations", slog.AnyValue(map[time.Duration]int{ns: 1}), logged{attribute.MAP, `{"1.500000001s":1}`, `{"1.500000001s":1}`}},
		{"map of anything", slog.AnyValue(map[string]any{"a": ns, "b": at, "c": uint64(math.MaxUint64)}), logged{
			attribute.MAP,
			`{"a":"1.500000001s","b":"2300-01-01T00:00:00.000000001Z","c":"18446744073709551615"}`,
			`{"a":"1.500000001s","b":"2300-01-01T00:00:00.000000001Z","c":"18446744073709551615"}`,
		}},
		{"group", slog.GroupValue(slog.Time("a", at), slog.Duration("b", ns)), logged{
			attribute.MAP, `{"a":"2300-01-01T00:00:00.000000001Z","b":"1.500000001s"}`, `{"a":"2300-01-01T00:00:00.000000001Z","b":"1.500000001s"}`,
		}},
		{"uint64", slog.Uint64Value(math.MaxInt64), logged{attribute.INT64, "9223372036854775807", "9223372036854775807"}},
		{"uint64 above int64", slog.Uint64Value(math.MaxInt64 + 1), logged{attribute.STRING, "9223372036854775808", `"9223372036854775808"`}},
		{"largest uint64", slog.Uint64Value(math.MaxUint64), logged{attribute.STRING, "18446744073709551615", `"18446744073709551615"`}},
		{"uint64s", slog.AnyValue([]uint64{1, math.MaxUint64}), logged{attribute.SLICE, `[1,"18446744073709551615"]`, `[1,"18446744073709551615"]`}},
		{"int64 above 2⁵³", slog.Int64Value(1<<53 + 1), logged{attribute.INT64, "9007199254740993", "9007199254740993"}},
		{"big.Int", slog.AnyValue(twoToThe70), logged{attribute.STRING, "1180591620717411303424", `"1180591620717411303424"`}},
		{"json.Number", slog.AnyValue(json.Number("9007199254740993")), logged{attribute.INT64, "9007199254740993", "9007199254740993"}},
		{"json.Number of a fraction", slog.AnyValue(json.Number("0.5")), logged{attribute.FLOAT64, "0.5", "0.5"}},
		{"complex", slog.AnyValue(complex(1, -2)), logged{attribute.MAP, `{"i":-2,"r":1}`, `{"i":-2,"r":1}`}},
		{"netip", slog.AnyValue(netip.MustParseAddr("192.0.2.1")), logged{attribute.STRING, "192.0.2.1", `"192.0.2.1"`}},
		{"URL with a password", slog.AnyValue(&url.URL{Scheme: "https", User: url.UserPassword("u", "p"), Host: "h"}), logged{attribute.STRING, "https://[REDACTED]@h", `"https://[REDACTED]@h"`}},
		{"URL by value", slog.AnyValue(url.URL{Scheme: "https", User: url.UserPassword("u", "p"), Host: "h"}), logged{attribute.STRING, "https://[REDACTED]@h", `"https://[REDACTED]@h"`}},
		{"user with a password", slog.AnyValue(url.UserPassword("u", "p")), logged{attribute.STRING, "u", `"u"`}},
		{"Stringer", slog.AnyValue(tier(1)), logged{attribute.STRING, "paid", `"paid"`}},
		{"Stringer that panics", slog.AnyValue(tier(7)), logged{attribute.STRING, "(logpipe_test.tier not shown)", `"(logpipe_test.tier not shown)"`}},
		{"TextMarshaler that panics", slog.AnyValue(clumsy{1}), logged{attribute.STRING, "(logpipe_test.clumsy not shown)", `"(logpipe_test.clumsy not shown)"`}},
		{"type of a text", slog.AnyValue(voiceID("nova")), logged{attribute.STRING, "nova", `"nova"`}},
		{"level", slog.AnyValue(slog.LevelWarn), logged{attribute.STRING, "WARN", `"WARN"`}},
		{"month", slog.AnyValue(time.March), logged{attribute.STRING, "March", `"March"`}},
		{"LogValuers in a list", slog.AnyValue([]token{{"x"}}), logged{attribute.SLICE, `["(a token)"]`, `["(a token)"]`}},
		{"errors in a list", slog.AnyValue([]error{errors.New("a"), nil, stampedError{}}), logged{attribute.SLICE, `["a",null,"late"]`, `["a",null,"late"]`}},
		{"anything in a list", slog.AnyValue([]any{ns, &at, nil, errors.New("a")}), logged{
			attribute.SLICE, `["1.500000001s","2300-01-01T00:00:00.000000001Z",null,"a"]`, `["1.500000001s","2300-01-01T00:00:00.000000001Z",null,"a"]`,
		}},
		{"function", slog.AnyValue(func() {}), logged{attribute.STRING, "(func() not shown)", `"(func() not shown)"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, way := range []struct {
				name string
				log  func(*slog.Logger)
			}{
				{"attribute", func(l *slog.Logger) { l.Info("m", "v", tt.value) }},
				{"given", func(l *slog.Logger) { l.With("v", tt.value).Info("m") }},
			} {
				attrs, _ := logAttr(t, way.log)
				if got := attrs["v"]; got != tt.want {
					t.Errorf("%s:\ngot  %v %s %s\nwant %v %s %s", way.name, got.kind, got.value, got.json, tt.want.kind, tt.want.value, tt.want.json)
				}
			}
			attrs, _ := logAttr(t, func(l *slog.Logger) { l.WithGroup("g").Info("m", "v", tt.value) })
			if got, want := attrs["g"].json, `{"v":`+tt.want.json+`}`; got != want {
				t.Errorf("in a group: got %s, want %s", got, want)
			}
		})
	}
	type holder struct {
		List endless
		Map  nest
	}
	loop := nest{}
	loop["a"] = loop
	for name, value := range map[string]any{"list": holder{List: self}, "map": &holder{Map: loop}, "list in a list": []holder{{List: self}}} {
		attrs, _ := logAttr(t, func(l *slog.Logger) { l.Info("m", "v", value) })
		if got := attrs["v"].json; !strings.Contains(got, "not shown") {
			t.Errorf("a struct with a %s of itself became %d bytes", name, len(got))
		}
	}
	for name, value := range map[string]any{"list": self, "map": loop, "LogValuer": inward{}, "list of a LogValuer": []inward{{}}} {
		attrs, _ := logAttr(t, func(l *slog.Logger) { l.Info("m", "v", value) })
		if got := attrs["v"].json; !strings.Contains(got, "…") {
			t.Errorf("a %s of itself became %d bytes", name, len(got))
		}
	}
}

// Redaction does not treat a time or a duration as a secret.
func TestTimesAreNoSecrets(t *testing.T) {
	day := time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC)
	for i := range 3000 {
		at := day.Add(time.Duration(i) * 61 * 61 * 1_001_001_001_003)
		d := time.Duration(i) * 4111 * 1_001_003
		attrs, _ := logAttr(t, func(l *slog.Logger) { l.Info("m", slog.Group("g", "at", at, "took", d), "list", []any{at, d}) })
		if got, want := attrs["g"].value, `{"at":"`+at.Format(time.RFC3339Nano)+`","took":"`+d.String()+`"}`; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	// A key that marks its value as secret still redacts it.
	attrs, _ := logAttr(t, func(l *slog.Logger) { l.Info("m", "password", day, "secret", time.Hour) })
	if attrs["password"].value != "[REDACTED]" || attrs["secret"].value != "[REDACTED]" {
		t.Errorf("got %v", attrs)
	}
}

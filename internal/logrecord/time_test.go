// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

func TestAppendTime(t *testing.T) {
	kiritimati := time.FixedZone("", 14*60*60)
	amsterdam := time.FixedZone("", 19*60+32) // Used until 1937; RFC 3339 cannot write the offset.
	for _, tt := range []struct {
		name string
		in   time.Time
		want string
	}{
		{"whole seconds", time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC), "2024-01-01T12:00:00Z"},
		{"nanoseconds", time.Date(2024, 1, 1, 12, 0, 0, 123456789, time.UTC), "2024-01-01T12:00:00.123456789Z"},
		{"tenths", time.Date(2024, 1, 1, 12, 0, 0, 500_000_000, time.UTC), "2024-01-01T12:00:00.5Z"},
		{"after what nanoseconds have room for", time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC), "2300-01-01T00:00:00Z"},
		{"before it", time.Date(1600, 2, 29, 23, 59, 59, 1, time.UTC), "1600-02-29T23:59:59.000000001Z"},
		{"zero", time.Time{}, "0001-01-01T00:00:00Z"},
		{"the epoch", time.Unix(0, 0), "1970-01-01T00:00:00Z"},
		{"another zone", time.Date(2024, 1, 1, 2, 0, 0, 0, kiritimati), "2023-12-31T12:00:00Z"},
		{"a zone of seconds", time.Date(1900, 1, 1, 0, 19, 32, 0, amsterdam), "1900-01-01T00:00:00Z"},
		{"the last year", time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), "9999-12-31T23:59:59.999999999Z"},
		{"the last year, elsewhere", time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -3600)), "+010000-01-01T00:00:00Z"},
		{"a year of five digits", time.Date(12024, 6, 1, 0, 0, 0, 0, time.UTC), "+012024-06-01T00:00:00Z"},
		{"a year of seven", time.Date(1234567, 1, 1, 0, 0, 0, 5, time.UTC), "+1234567-01-01T00:00:00.000000005Z"},
		{"year 0", time.Date(0, 3, 1, 0, 0, 0, 0, time.UTC), "0000-03-01T00:00:00Z"},
		{"before year 0", time.Date(-44, 3, 15, 0, 0, 0, 0, time.UTC), "-000044-03-15T00:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(logrecord.AppendTime([]byte("at "), tt.in)); got != "at "+tt.want {
				t.Errorf("got  %s\nwant at %s", got, tt.want)
			}
		})
	}
}

// Parsing the text returns the same time or duration, to the nanosecond.
func TestTextReadsBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		at := time.Unix(random.Int64N(253_402_300_800+62_135_596_800)-62_135_596_800, random.Int64N(1e9))
		if back, err := time.Parse(time.RFC3339Nano, string(logrecord.AppendTime(nil, at))); err != nil || !back.Equal(at) {
			t.Fatalf("%v reads back as %v: %v", at, back, err)
		}
		d := time.Duration(random.Int64()) >> random.IntN(63)
		if back, err := time.ParseDuration(string(logrecord.AppendDuration(nil, d))); err != nil || back != d {
			t.Fatalf("%d reads back as %d: %v", d, back, err)
		}
	}
	for _, d := range []time.Duration{math.MinInt64, math.MaxInt64, 0, 1} {
		if back, err := time.ParseDuration(string(logrecord.AppendDuration(nil, d))); err != nil || back != d {
			t.Errorf("%d reads back as %d: %v", d, back, err)
		}
	}
}

// A record of the Logs API made from a record stays unchanged when the latter is reused.
func TestTextsAreKept(t *testing.T) {
	keys := new(logrecord.KeyCache)
	fill := func(year int) *logrecord.Record {
		r := logrecord.New(keys)
		for i := range 40 { // More texts than fit into the record's first buffer.
			r.SetTime(keys.Of(attribute.Key("at"+strings.Repeat("x", i))), time.Date(year, 1, 1, 0, 0, i, 0, time.UTC))
		}
		r.SetDuration(keys.Of("took"), time.Duration(year))
		return r
	}
	for range 10 {
		r := fill(2024)
		kept := r.API()
		r.Expand()
		r.Free()
		other := fill(1999)
		at := 0
		kept.WalkAttributes(func(kv attribute.KeyValue) bool {
			want := string(logrecord.AppendTime(nil, time.Date(2024, 1, 1, 0, 0, at, 0, time.UTC)))
			if at == 40 {
				want = "2.024µs"
			}
			if got := kv.Value.AsString(); got != want {
				t.Errorf("%s: got %s, want %s", kv.Key, got, want)
			}
			at++
			return true
		})
		other.Free()
	}
}

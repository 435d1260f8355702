// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/voice-agents/telemetry/exporters/internal/logline"
)

func TestAppendFloat(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   float64
		want string
	}{
		{"zero", 0, "0"},
		{"negative zero", math.Copysign(0, -1), "-0"},
		{"whole", 150, "150"},
		{"negative whole", -3, "-3"},
		{"fraction", 150.25, "150.25"},
		{"shortest", 0.1, "0.1"},
		{"large", 1e20, "100000000000000000000"},
		{"larger", 1e21, "1e+21"},
		{"largest", math.MaxFloat64, "1.7976931348623157e+308"},
		{"small", 1e-6, "0.000001"},
		{"smaller", 1e-7, "1e-7"},
		{"smallest", math.SmallestNonzeroFloat64, "5e-324"},
		{"least int64", math.MinInt64, "-9223372036854776000"},
		{"not a number", math.NaN(), `"NaN"`},
		{"infinity", math.Inf(1), `"+Inf"`},
		{"negative infinity", math.Inf(-1), `"-Inf"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(logline.AppendFloat(nil, tt.in)); got != tt.want {
				t.Errorf("AppendFloat(%v) = %s, want %s", tt.in, got, tt.want)
			}
		})
	}
}

// Numbers with few decimals, and their neighbours, are formatted as by strconv.
func TestAppendFloatOfFewDecimals(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		f := float64(random.Int64N(1<<uint(1+random.IntN(56)))) / math.Pow10(random.IntN(13))
		for _, v := range []float64{f, -f, math.Nextafter(f, 0), math.Nextafter(f, math.Inf(1))} {
			if math.Abs(v) < 1e-6 || v == math.Trunc(v) {
				continue
			}
			if got, want := string(logline.AppendFloat(nil, v)), strconv.FormatFloat(v, 'f', -1, 64); got != want {
				t.Fatalf("AppendFloat(%v) = %s, want %s", v, got, want)
			}
		}
	}
}

// FuzzAppendFloat compares with encoding/json, byte for byte.
func FuzzAppendFloat(f *testing.F) {
	for _, v := range []float64{0, 1, -1.5, 1e-7, 1e21, 1 << 53, 1<<53 + 2, math.MaxFloat64, math.Inf(1), math.NaN()} {
		f.Add(math.Float64bits(v))
	}
	f.Fuzz(func(t *testing.T, bits uint64) {
		v := math.Float64frombits(bits)
		got := logline.AppendFloat(nil, v)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			if !json.Valid(got) {
				t.Errorf("AppendFloat(%v) = %s, which is not JSON", v, got)
			}
			return
		}
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("AppendFloat(%v) = %s, want %s", v, got, want)
		}
	})
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package settings_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/settings"
)

// reader reads one variable, X.
func reader(value string) *settings.Reader {
	return settings.NewReader(func(name string) (string, bool) { return value, name == "X" })
}

func TestValues(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		read        func(r *settings.Reader) any
		want        any
		wantErr     string // "" for none
	}{
		{"string", " a ", func(r *settings.Reader) any { s, _ := r.String("X"); return s }, "a", ""},
		{"empty is unset", "  ", func(r *settings.Reader) any { _, ok := r.String("X"); return ok }, false, ""},
		{"bool", "TRUE", func(r *settings.Reader) any { return r.Bool("X", false) }, true, ""},
		{"bool unset", "", func(r *settings.Reader) any { return r.Bool("X", true) }, true, ""},
		{"bad bool", "yes", func(r *settings.Reader) any { return r.Bool("X", true) }, true, `X="yes": want true or false`},
		{"int", "7", func(r *settings.Reader) any { return r.Int("X", 1, 0, 10) }, 7, ""},
		{"int too large", "11", func(r *settings.Reader) any { return r.Int("X", 1, 0, 10) }, 1, `X="11": want a whole number from 0 to 10`},
		{"int overflow", "99999999999999999999", func(r *settings.Reader) any { return r.Int("X", 1, 0, 10) }, 1, "from 0 to 10"},
		{"milliseconds", "1500", func(r *settings.Reader) any { return r.Milliseconds("X", 0) }, 1500 * time.Millisecond, ""},
		{"negative milliseconds", "-1", func(r *settings.Reader) any { return r.Milliseconds("X", time.Second) }, time.Second, "milliseconds"},
		{"milliseconds that overflow", "9223372036854775807", func(r *settings.Reader) any { return r.Milliseconds("X", time.Second) }, time.Second, "milliseconds"},
		{"ratio", "0.25", func(r *settings.Reader) any { return r.Ratio("X", 1) }, .25, ""},
		{"ratio above 1", "1.01", func(r *settings.Reader) any { return r.Ratio("X", 1) }, 1., "from 0 to 1"},
		{"ratio that is no number", "NaN", func(r *settings.Reader) any { return r.Ratio("X", .5) }, .5, "from 0 to 1"},
		{"enum", "GRPC", func(r *settings.Reader) any { return r.Enum("X", "a", "grpc", "http") }, "grpc", ""},
		{"bad enum", "smoke", func(r *settings.Reader) any { return r.Enum("X", "a", "grpc", "http") }, "a", `X="smoke": want one of grpc, http`},
		{"list", " a, ,b ,", func(r *settings.Reader) any { l, _ := r.List("X"); return strings.Join(l, "|") }, "a|b", ""},
		{"list of none", " , ", func(r *settings.Reader) any { _, ok := r.List("X"); return ok }, false, ""},
		{"URL", "https://h:1/p", func(r *settings.Reader) any { u, _ := r.URL("X"); return u.String() }, "https://h:1/p", ""},
		{"URL without a scheme", "localhost:4318", func(r *settings.Reader) any { _, ok := r.URL("X"); return ok }, false, "want a URL"},
		{"URL without a host", "http://", func(r *settings.Reader) any { _, ok := r.URL("X"); return ok }, false, "want a URL"},
		{"URL with a port that is none", "http://h:65536", func(r *settings.Reader) any { _, ok := r.URL("X"); return ok }, false, "want a URL"},
		{"URL with a query", "http://h/?k=v", func(r *settings.Reader) any { _, ok := r.URL("X"); return ok }, false, `X="http://h/?xxxxx": want a URL`},
		{"URL with a password", "https://u:pw@h", func(r *settings.Reader) any { _, ok := r.URL("X"); return ok }, false, `X="https://xxxxx@h": want a URL`},
		{"no URL but a password", "u:p@w@h", func(r *settings.Reader) any { _, ok := r.URL("X"); return ok }, false, `X="xxxxx@h": want a URL`},
		{"URL with a control character", "http://a\x7f", func(r *settings.Reader) any { _, ok := r.URL("X"); return ok }, false, "want a URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := reader(tt.value)
			if got := tt.read(r); got != tt.want {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
			err := r.Err()
			if (err != nil) != (tt.wantErr != "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("error\ngot  %v\nwant %q", err, tt.wantErr)
			}
		})
	}
}

func TestErrorsAreCollected(t *testing.T) {
	r := settings.NewReader(func(string) (string, bool) { return "bad", true })
	r.Bool("A", false)
	r.Ratio("B", 0)
	r.Fail("C_HEADERS", "authorization=secret", "a list")
	var first *settings.Error
	if err := r.Err(); !errors.As(err, &first) || first.Variable != "A" {
		t.Errorf("first error is %v, want that of A", first)
	}
	if text := r.Err().Error(); strings.Contains(text, "secret") || strings.Count(text, "\n") != 2 {
		t.Errorf("got %q, want three lines and no header's value", text)
	}
}

func TestRepeatedMistakeIsReportedOnce(t *testing.T) {
	r := reader("bad")
	r.Bool("X", false)
	r.Bool("X", true)
	r.Int("X", 0, 0, 1)
	if got := strings.Count(r.Err().Error(), "X="); got != 2 {
		t.Errorf("%d mistakes reported, want those of the bool and the number:\n%v", got, r.Err())
	}
}

// The process's own environment is what a nil lookup reads.
func TestNilLookup(t *testing.T) {
	t.Setenv("OTELVOICE_TEST", " here ")
	if got, _ := settings.NewReader(nil).String("OTELVOICE_TEST"); got != "here" {
		t.Errorf("got %q, want %q", got, "here")
	}
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{"", " ", "true", "1500", "-1", ".5", "1e309", "a, b,", "http://u:p@h:99999/?q#f", "[::1]:4317", "%zz", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		r := reader(value)
		r.Bool("X", false)
		if n := r.Int("X", 3, 1, 5); n < 1 || n > 5 {
			t.Errorf("the number %d is out of bounds", n)
		}
		if d := r.Milliseconds("X", 0); d < 0 {
			t.Errorf("the duration %v is negative", d)
		}
		if ratio := r.Ratio("X", 1); !(ratio >= 0 && ratio <= 1) {
			t.Errorf("the ratio %v is out of bounds", ratio)
		}
		list, ok := r.List("X")
		if ok != (len(list) > 0) || slices.Contains(list, "") {
			t.Errorf("the list is %q", list)
		}
		if u, ok := r.URL("X"); ok && (u.Host == "" || u.User != nil) {
			t.Errorf("the URL is %v", u)
		}
		var bad *settings.Error
		if err := r.Err(); err != nil && (!errors.As(err, &bad) || bad.Variable != "X") {
			t.Errorf("the error %v does not name its variable", err)
		}
	})
}

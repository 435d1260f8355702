// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package paired

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Half the time gives half the ratio, whatever the order and the number.
func TestMeasure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sleeper := func(d time.Duration) func() (Work, error) {
			return func() (Work, error) {
				return Work{Run: func(n int) { <-time.After(time.Duration(n) * d) }}, nil
			}
		}
		for _, p := range []Plan{
			{Rounds: 3, Each: 20 * time.Millisecond},
			{Rounds: 2, Each: 20 * time.Millisecond, Most: 5},
			{Rounds: 1, Each: 20 * time.Millisecond, Parallel: true},
		} {
			figures, err := p.Measure([]Contender{{"slow", sleeper(200 * time.Microsecond)}, {"quick", sleeper(100 * time.Microsecond)}})
			if err != nil || figures[0].Ratio != 1 || figures[1].Low < .45 || figures[1].High > .55 {
				t.Errorf("%+v: got %+v, %v", p, figures, err)
			}
		}
	})
}

// Work that was not done gives no figure.
func TestMeasureFails(t *testing.T) {
	for name, c := range map[string]Contender{
		"start": {"x", func() (Work, error) { return Work{}, io.ErrUnexpectedEOF }},
		"settle": {"x", func() (Work, error) {
			return Work{Run: func(int) {}, Settle: func() error { return io.ErrUnexpectedEOF }}, nil
		}},
	} {
		if _, err := (Plan{Rounds: 1, Most: 1}).Measure([]Contender{c}); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestPut(t *testing.T) {
	name := filepath.Join(t.TempDir(), "B.md")
	if err := os.WriteFile(name, []byte("a\n"+Begins+"old\n"+Ends+"z\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var tables bytes.Buffer
	Table{Title: "T"}.Write(&tables, []Figure{{Name: "x", Time: 1500, Ratio: 1, Low: 1, High: 1}})
	if err := Put(name, tables.Bytes()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(got), "| x | 1.50 µs | 1.00 (1.00–1.00) | 0 | 0 |\n"+Ends+"z\n") || strings.Contains(string(got), "old") {
		t.Errorf("%v\n%s", err, got)
	}
	if err := os.WriteFile(name, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if Put(name, nil) == nil {
		t.Error("no error for a file without markers")
	}
}

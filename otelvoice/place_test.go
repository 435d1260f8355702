// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"iter"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// endingWriter ends a stage in its Write method.
type endingWriter struct{ llm *otelvoice.LLM }

// writes is the line number of that call.
const writes = 30

func (w endingWriter) Write(p []byte) (int, error) {
	w.llm.End(nil)
	return len(p), nil
}

func here() int {
	_, _, line, _ := runtime.Caller(1)
	return line
}

// A log line has the source location in the agent's code that led to it, or none.
func TestPlaces(t *testing.T) {
	letters := func(yield func(string, error) bool) { _ = yield("a", nil) && yield("b", nil) }
	for _, tt := range []struct {
		name string
		// end ends a stage or a turn and returns the line number that the log must name, or 0.
		end func(ctx context.Context, tel *voicesdk.SDK, turn *otelvoice.Turn, llm *otelvoice.LLM) int
	}{
		{"a call", func(_ context.Context, _ *voicesdk.SDK, _ *otelvoice.Turn, llm *otelvoice.LLM) int {
			llm.End(nil)
			return here() - 1
		}},
		{"sync.Once", func(_ context.Context, _ *voicesdk.SDK, turn *otelvoice.Turn, _ *otelvoice.LLM) int {
			new(sync.Once).Do(turn.End)
			return here() - 1
		}},
		{"io.Copy", func(_ context.Context, _ *voicesdk.SDK, _ *otelvoice.Turn, llm *otelvoice.LLM) int {
			_, _ = io.Copy(endingWriter{llm}, strings.NewReader("x"))
			return writes
		}},
		{"a callback of package slices", func(_ context.Context, _ *voicesdk.SDK, turn *otelvoice.Turn, _ *otelvoice.LLM) int {
			slices.SortFunc([]int{1, 2}, func(int, int) int { turn.End(); return 0 })
			return here() - 1
		}},
		{"a stream that is drained", func(_ context.Context, _ *voicesdk.SDK, _ *otelvoice.Turn, llm *otelvoice.LLM) int {
			for _, err := range otelvoice.Stream(llm, letters) {
				_ = err
			}
			return here() - 3
		}},
		{"a stream that is dropped", func(_ context.Context, _ *voicesdk.SDK, _ *otelvoice.Turn, llm *otelvoice.LLM) int {
			for _, err := range otelvoice.Stream(llm, letters) {
				_ = err
				break
			}
			return here() - 4
		}},
		{"a stream that is pulled: a goroutine of the standard library's", func(_ context.Context, _ *voicesdk.SDK, _ *otelvoice.Turn, llm *otelvoice.LLM) int {
			_, stop := iter.Pull2(otelvoice.Stream(llm, letters))
			stop()
			next, stop := iter.Pull2(otelvoice.Stream(llm, letters))
			_, _, _ = next()
			stop()
			return 0
		}},
		{"a goroutine that calls the end itself", func(_ context.Context, _ *voicesdk.SDK, turn *otelvoice.Turn, _ *otelvoice.LLM) int {
			done := make(chan struct{})
			go func() {
				defer close(done)
				turn.End()
			}()
			<-done
			return here() - 3
		}},
		{"a panic", func(_ context.Context, _ *voicesdk.SDK, turn *otelvoice.Turn, _ *otelvoice.LLM) int {
			func() {
				defer func() { _ = recover() }()
				defer turn.End()
				panic("x")
			}()
			return here() - 2
		}},
		{"Timed", func(ctx context.Context, _ *voicesdk.SDK, _ *otelvoice.Turn, _ *otelvoice.LLM) int {
			_, _ = otelvoice.Timed(ctx, "load", func(context.Context) (int, error) { return 1, nil })
			return here() - 1
		}},
		{"Wrap", func(ctx context.Context, _ *voicesdk.SDK, _ *otelvoice.Turn, _ *otelvoice.LLM) int {
			load := otelvoice.Wrap("load", func(context.Context, int) (int, error) { return 1, nil })
			_, _ = load(ctx, 1)
			return here() - 1
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&out), variables())
			if err != nil {
				t.Fatal(err)
			}
			ctx, session := tel.StartSession(t.Context())
			ctx, turn := session.StartTurn(ctx)
			ctx, llm := turn.StartLLM(ctx, otelvoice.Model{Name: "n"})
			ctx = tel.Context(ctx)
			want := tt.end(ctx, tel, turn, llm)
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			var got struct {
				Function string `json:"function"`
				File     string `json:"file_path"`
				Line     int    `json:"line_number"`
			}
			if err := json.Unmarshal([]byte(lines[len(lines)-1]), &got); err != nil {
				t.Fatal(err)
			}
			switch {
			case want == 0 && (got.Line != 0 || got.File != "" || got.Function != ""):
				t.Errorf("got %s:%d, want none", got.File, got.Line)
			case want != 0 && (got.Line != want || filepath.Base(got.File) != "place_test.go"):
				t.Errorf("got %s:%d, want line %d of this file", got.File, got.Line, want)
			}
			if err := tel.Shutdown(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
}

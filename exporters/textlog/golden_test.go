// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"golang.org/x/text/width"

	"github.com/voice-agents/telemetry/exporters/textlog"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

var update = flag.Bool("update", false, "write the golden files anew")

func wait(ms int) { <-time.After(time.Duration(ms) * time.Millisecond) }

// statusError is the error of an SDK for a status.
type statusError struct{ StatusCode int }

func (e *statusError) Error() string     { return fmt.Sprintf("answered %d", e.StatusCode) }
func (e *statusError) ErrorType() string { return fmt.Sprint(e.StatusCode) }
func (e *statusError) ErrorCode() string { return "TTS_OVERLOAD" }

var (
	nova   = otelvoice.Model{Provider: "deepgram", Name: "nova-3"}
	gpt    = otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"}
	eleven = otelvoice.Model{Provider: "elevenlabs", Name: "eleven_flash_v2_5"}
)

// ask is the first part of a turn: the user speaks, the model answers after a while.
func ask(ctx context.Context, session *otelvoice.Session, thinks int) (context.Context, *otelvoice.Turn, *otelvoice.LLM) {
	ctx, turn := session.StartTurn(ctx)
	turn.Mark(otelvoice.UserStarted)
	_, stt := turn.StartSTT(ctx, nova)
	wait(1000)
	turn.Mark(otelvoice.UserStopped)
	wait(250)
	stt.Final()
	stt.End(nil)
	wait(100)
	turn.Mark(otelvoice.TurnCommitted)
	_, llm := turn.StartLLM(ctx, gpt)
	wait(thinks)
	llm.FirstToken()
	return ctx, turn, llm
}

// talk is a call with all that a log has to show.
func talk(ctx context.Context, tel *otelvoice.Telemetry) {
	agent := tel.Logger("concierge")
	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("sess_f5e6d7c8b9a0"))
	defer session.End()

	gctx, greeting := session.StartTurn(ctx, otelvoice.AgentInitiated())
	_, tts := greeting.StartTTS(gctx, eleven)
	wait(98)
	tts.FirstByte()
	greeting.Mark(otelvoice.AgentStarted)
	wait(1200)
	tts.End(nil)
	greeting.End()

	tctx, turn, llm := ask(ctx, session, 550)
	menu := otelvoice.Wrap("load menu", func(context.Context, map[string]any) (int, error) { wait(30); return 1, nil },
		otelvoice.WithArguments(), otelvoice.WithComponent("menu-db", otelvoice.ComponentTool))
	_, _ = menu(tel.Context(tctx), map[string]any{"guests": 2, "token": "s3cret"})
	llm.SetUsage(otelvoice.Usage{InputTokens: 200, OutputTokens: 17})
	llm.End(nil)
	_, tts = turn.StartTTS(tctx, eleven)
	wait(40)
	tts.End(fmt.Errorf("synthesize: %w", &statusError{http.StatusServiceUnavailable}))
	agent.WarnContext(tctx, "trying once more", otelvoice.Error(&statusError{http.StatusServiceUnavailable}, otelvoice.RecoveryAction("retry")))
	_, tts = turn.StartTTS(tctx, eleven)
	wait(180)
	tts.FirstByte()
	turn.Mark(otelvoice.AgentStarted)
	wait(900)
	tts.End(nil)
	turn.End()

	tctx, turn, llm = ask(ctx, session, 4800)
	llm.End(nil)
	_, tts = turn.StartTTS(tctx, eleven)
	wait(150)
	tts.FirstByte()
	turn.Mark(otelvoice.AgentStarted)
	wait(600)
	turn.Interrupt(otelvoice.AudioActivity, otelvoice.PlayedFor(600*time.Millisecond))
	tts.End(otelvoice.ErrInterrupted)
	turn.End()

	_, turn, llm = ask(ctx, session, 700)
	llm.End(errors.New("the stream broke off\nin the middle"))
	turn.End()

	agent.InfoContext(ctx, "table booked", "guests", 4, "name", "Grace Hopper", slog.Group("at", "day", "Sunday", "hour", 19), "api_key", "sk-proj-0123456789abcdefghij")
	agent.InfoContext(ctx, "the guest said:\n\tno onions, please\r\n\x1b[2J", "語", "日本語の予約です", "emoji", "👍")
	tel.Logger("予約サービス").DebugContext(ctx, "空席を確認しました", "空席", 3)
	tel.LogPerformance(ctx, "resample", otelvoice.Performance{Duration: 12 * time.Millisecond, AudioBytes: 96_000, Component: "resampler", Extra: []attribute.KeyValue{attribute.Int("frames", 150)}})
	session.SetEndReason(otelvoice.EndUserHangup)
}

// callLines returns the JSON lines and the text of a call that comes by HTTP.
func callLines(t *testing.T, opts textlog.Options) (asJSON, asText []byte) {
	t.Helper()
	var lines, text bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithServiceName("concierge"), voicesdk.WithLogWriter(&lines), voicesdk.WithLoggerProvider(textlog.New(&text, &opts)),
			voicesdk.WithLogLevel(slog.LevelDebug), voicesdk.WithLookupEnv(func(string) (string, bool) { return "", false }))
		if err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		mux.HandleFunc("POST /calls/{id}", func(_ http.ResponseWriter, r *http.Request) { talk(r.Context(), tel.Telemetry) })
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/calls/4711", http.NoBody)
		r.Header.Set(otelvoice.CorrelationHeader, "550e8400-e29b-41d4-a716-446655440000")
		voicehttp.Middleware(tel.Telemetry)(mux).ServeHTTP(httptest.NewRecorder(), r)
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	return lines.Bytes(), text.Bytes()
}

// columnsOf returns the cells that a text takes on a terminal.
func columnsOf(text string) (n int) {
	for _, r := range text {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

// A whole call, as people see it.
func TestCall(t *testing.T) {
	opts := textlog.Options{Location: time.UTC}
	lines, text := callLines(t, opts)
	var reference []byte
	for line := range bytes.Lines(lines) {
		reference = textlog.AppendJSON(reference, line, opts)
	}
	if !bytes.Equal(text, reference) {
		t.Errorf("text of the records\n%s\nand of their lines\n%s", text, reference)
	}
	golden := filepath.Join("testdata", "call.golden")
	if *update {
		if err := os.WriteFile(golden, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, want) {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	var widths []int
	for line := range strings.Lines(string(want)) {
		text := strings.TrimSuffix(line, "\n")
		widths = append(widths, columnsOf(text))
		// Text of the program and its providers may be longer.
		said := strings.Contains(text, " ERROR ") || strings.Contains(text, "=")
		if n := columnsOf(text); n > 100 && !said {
			t.Errorf("%d columns: %s", n, text)
		}
	}
	slices.Sort(widths)
	if median := widths[len(widths)/2]; median > 90 {
		t.Errorf("the median line has %d columns, want at most 90", median)
	}
}

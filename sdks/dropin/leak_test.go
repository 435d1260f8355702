// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package dropin_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"testing"

	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/sdks/vendorserver"
	"github.com/voice-agents/telemetry/semconv"
)

// endless returns a server whose stream never ends.
func endless(t *testing.T) *vendorserver.Server {
	t.Helper()
	answer := vendorserver.OpenAIChat().Stream(vendorserver.Reply{Model: "m", Text: []string{"We", " open"}})
	answer.Stream, answer.IsEndless = answer.Stream[:2], true
	server := vendorserver.New(answer)
	t.Cleanup(server.Close)
	return server
}

// However a program leaves a stream, no goroutine is left. startCall checks it.
func TestNoGoroutineIsLeft(t *testing.T) {
	for _, tt := range []struct {
		name    string
		leave   func(res *http.Response, cancel context.CancelCauseFunc)
		outcome string
	}{
		{"closed before its end", func(res *http.Response, _ context.CancelCauseFunc) { _ = res.Body.Close() }, semconv.VoiceStageOutcomeAbandoned},
		{"cancelled, read and closed", func(res *http.Response, cancel context.CancelCauseFunc) {
			cancel(otelvoice.ErrInterrupted)
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}, semconv.VoiceStageOutcomeInterrupted},
		{"cancelled and closed", func(res *http.Response, cancel context.CancelCauseFunc) {
			cancel(otelvoice.ErrInterrupted)
			_ = res.Body.Close()
		}, semconv.VoiceStageOutcomeInterrupted},
		{"cancelled and never closed", func(_ *http.Response, cancel context.CancelCauseFunc) { cancel(nil) }, semconv.VoiceStageOutcomeAbandoned},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := endless(t)
			c := startCall(t)
			ctx, cancel := context.WithCancelCause(c.ctx)
			defer cancel(nil)
			res, err := c.client.Do(ask(ctx, t, server.URL, nil))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(res.Body, make([]byte, 100)); err != nil {
				t.Fatal(err)
			}
			tt.leave(res, cancel)
			server.Gone()
			c.turn.End() // Ends the stage of a body that is never closed.
			c.session.End()
			voicetest.Check(t, c.rec)
			stage := c.rec.Named("chat gpt-4o-mini")
			if len(stage) != 1 {
				t.Fatalf("%d stages, want 1:\n%s", len(stage), c.rec.Shape())
			}
			has(t, stage[0], semconv.VoiceStageOutcome(tt.outcome))
			runtime.KeepAlive(res)
		})
	}
}

// A body that the program drops keeps the goroutines of its connection, which are those of net/http, and
// no others. The turn's end ends the stage.
func TestBodyIsDropped(t *testing.T) {
	before := goleak.IgnoreCurrent()
	answer := vendorserver.OpenAIChat().Stream(vendorserver.Reply{Model: "m", Text: []string{"We", " open"}})
	answer.IsPaced = true
	server := vendorserver.New(answer)
	tel, rec := voicetest.Setup(t)
	base := new(http.Transport)
	ctx, session := tel.StartSession(t.Context())
	ctx, turn := session.StartTurn(ctx)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, base)}
	res, err := client.Do(ask(ctx, t, server.URL, nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(res.Body, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	turn.End()
	session.End()
	voicetest.Check(t, rec)
	if stage := rec.Named("chat gpt-4o-mini"); len(stage) != 1 {
		t.Errorf("%d stages, want 1:\n%s", len(stage), rec.Shape())
	}
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("net/http.(*conn).serve"), goleak.IgnoreAnyFunction("net/http.(*Server).Serve"),
		goleak.IgnoreAnyFunction("net/http.(*connReader).backgroundRead"),
		goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
	cancel()
	server.Gone()
	server.Close()
	goleak.VerifyNone(t, before)
}

// The client closes the idle connections of the base.
func TestCloseIdleConnections(t *testing.T) {
	c := startCall(t)
	server := vendorserver.New(vendorserver.OpenAIChat().Plain(vendorserver.Reply{Model: "m", Text: []string{"Hi"}}))
	t.Cleanup(server.Close)
	for _, reused := range []bool{false, true, false} {
		res := do(t, c.client, ask(c.ctx, t, server.URL, nil))
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		stages := c.rec.Named("chat gpt-4o-mini")
		has(t, stages[len(stages)-1], semconv.VoiceProviderConnectionReused(reused))
		if reused {
			c.client.CloseIdleConnections()
		}
	}
	c.end(t)
}

// A program may set the transport of http.DefaultClient. http.DefaultTransport keeps its type.
func TestDefaultClient(t *testing.T) {
	c := startCall(t)
	server := vendorserver.New(vendorserver.OpenAIChat().Plain(vendorserver.Reply{Model: "m", Text: []string{"Hi"}}))
	t.Cleanup(server.Close)
	before := http.DefaultClient.Transport
	t.Cleanup(func() { http.DefaultClient.Transport = before })
	http.DefaultClient.Transport = c.client.Transport
	res := do(t, http.DefaultClient, ask(c.ctx, t, server.URL, nil))
	_, _ = io.Copy(io.Discard, res.Body)
	c.one(t)
	if _, ok := http.DefaultTransport.(*http.Transport); !ok {
		t.Errorf("http.DefaultTransport is a %T", http.DefaultTransport)
	}
}

// An error of the base is returned as it is.
func TestErrorOfTheBase(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, failing{})}
	ctx, session := tel.StartSession(t.Context())
	ctx, turn := session.StartTurn(ctx)
	if _, err := client.Do(ask(ctx, t, "http://127.0.0.1:9", nil)); !errors.Is(err, errStop) {
		t.Errorf("the error is %v", err)
	}
	turn.End()
	session.End()
	voicetest.Check(t, rec)
	has(t, rec.Named("chat gpt-4o-mini")[0], semconv.VoiceStageOutcome(semconv.VoiceStageOutcomeFailed))
}

type failing struct{}

func (failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, errStop }

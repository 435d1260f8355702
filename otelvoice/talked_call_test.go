// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// A talkedCall is a call of 60 s. Its times are in seconds from its start.
type talkedCall struct {
	ctx     context.Context
	tel     *voicesdk.SDK
	session *otelvoice.Session
	start   time.Time
}

func (c *talkedCall) at(seconds float64) time.Time {
	return c.start.Add(time.Duration(seconds * float64(time.Second)))
}

// A talkedTurn is a turn with the times of its marks.
type talkedTurn struct {
	*otelvoice.Turn
	c *talkedCall
}

func (c *talkedCall) turn(start float64, opts ...otelvoice.TurnOption) talkedTurn {
	_, t := c.session.StartTurn(c.ctx, append(opts, otelvoice.WithStartTime(c.at(start)))...)
	return talkedTurn{t, c}
}

// user and agent mark speech. An end of 0 is not marked.
func (t talkedTurn) user(from, to float64) talkedTurn {
	return t.speech(from, to, otelvoice.UserStarted, otelvoice.UserStopped)
}

func (t talkedTurn) agent(from, to float64) talkedTurn {
	return t.speech(from, to, otelvoice.AgentStarted, otelvoice.AgentStopped)
}

func (t talkedTurn) speech(from, to float64, started, stopped otelvoice.Mark) talkedTurn {
	t.MarkAt(started, t.c.at(from))
	if to != 0 {
		t.MarkAt(stopped, t.c.at(to))
	}
	return t
}

func (t talkedTurn) mark(m otelvoice.Mark, at float64) talkedTurn {
	t.MarkAt(m, t.c.at(at))
	return t
}

func (t talkedTurn) interrupted(at float64, opts ...otelvoice.InterruptOption) talkedTurn {
	t.Interrupt(otelvoice.AudioActivity, append(opts, otelvoice.InterruptedAt(t.c.at(at)))...)
	return t
}

// talkedIn runs a call, which begins now and ends 60 s later.
func talkedIn(t *testing.T, opts []otelvoice.Option, talk func(c *talkedCall)) *voicetest.Recorder {
	t.Helper()
	tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(opts...))
	c := callOn(t, tel)
	<-time.After(time.Minute)
	talk(c)
	c.session.End()
	voicetest.Check(t, rec)
	return rec
}

// callOn starts a call.
func callOn(t *testing.T, tel *voicesdk.SDK) *talkedCall {
	t.Helper()
	c := &talkedCall{tel: tel, start: time.Now()}
	c.ctx, c.session = tel.StartSession(t.Context(), otelvoice.WithChannel("phone"))
	return c
}

// toldOf lists what the spans with a name tell of who spoke: "talk.user.duration=2". With prefix, only that.
func toldOf(rec *voicetest.Recorder, name string, prefixes ...string) string {
	var lines []string
	for _, s := range rec.Named(name) {
		var out []string
		for _, kv := range s.Attributes() {
			key := strings.TrimPrefix(string(kv.Key), "voice.")
			if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) && key != "interruption.source" {
				text := kv.Value.String()
				if kv.Value.Type() == attribute.FLOAT64 {
					text = fmt.Sprintf("%.3g", kv.Value.AsFloat64())
				}
				out = append(out, key+"="+text)
			}
		}
		slices.Sort(out)
		lines = append(lines, strings.Join(out, " "))
	}
	return strings.Join(lines, "\n")
}

var (
	talkPrefixes         = []string{"talk.", "overlap.", "silence.", "dead_air.", "session.time_since"}
	interruptionPrefixes = []string{"interruption.", "false_", "agent_inter", "backchannel"}
)

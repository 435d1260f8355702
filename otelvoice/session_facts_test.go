// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// eventsOf returns the events of the first span with a name: "voice.hold.ended voice.hold.duration=2".
func eventsOf(rec *voicetest.Recorder, name string) string {
	var out []string
	for _, s := range rec.Named(name) {
		for _, e := range s.Events() {
			out = append(out, strings.TrimSpace(e.Name+" "+listed(e.Attributes)))
		}
	}
	return strings.Join(out, "\n")
}

func listed(attrs []attribute.KeyValue) string {
	var out []string
	for _, kv := range attrs {
		out = append(out, string(kv.Key)+"="+kv.Value.String())
	}
	return strings.Join(out, " ")
}

func TestEventsOfCalls(t *testing.T) {
	for _, tt := range []struct {
		name   string
		call   func(*otelvoice.Session)
		events string
		span   string // The attributes of the session with these prefixes.
		metric string
		points string
	}{
		{
			"a transfer that a person accepts", func(s *otelvoice.Session) {
				transfer := s.Transfer(otelvoice.TransferToHuman, "+14155550123")
				transfer.End(otelvoice.TransferConnected)
				transfer.End(otelvoice.TransferBusy) // Only the first counts.
			},
			"voice.transfer.started voice.transfer.target=human\nvoice.transfer.ended voice.transfer.target=human voice.transfer.outcome=connected",
			"voice.transfer.count=1", "voice.transfer.count", "voice.channel=phone voice.transfer.outcome=connected voice.transfer.target=human 1",
		},
		{
			"a transfer that fails", func(s *otelvoice.Session) {
				s.Transfer(otelvoice.TransferToQueue, "").Fail(errors.New("dial +14155550123: refused"))
			},
			"voice.transfer.started voice.transfer.target=queue\nvoice.transfer.ended voice.transfer.target=queue voice.transfer.outcome=failed error.type=_OTHER",
			"voice.transfer.count=1", "voice.transfer.count", "voice.channel=phone voice.transfer.outcome=failed voice.transfer.target=queue 1",
		},
		{
			"a blind transfer", func(s *otelvoice.Session) { s.Transfer(otelvoice.TransferToExternal, "+14155550123") },
			"voice.transfer.started voice.transfer.target=external\nvoice.transfer.ended voice.transfer.target=external",
			"voice.transfer.count=1", "voice.transfer.count", "voice.channel=phone voice.transfer.target=external 1",
		},
		{
			"numbers in the place of words", func(s *otelvoice.Session) { s.Transfer("+14155550123", "").End("+14155550123") },
			"voice.transfer.started\nvoice.transfer.ended",
			"voice.transfer.count=1", "voice.transfer.count", "voice.channel=phone 1",
		},
		{
			"a hold of 2 s", func(s *otelvoice.Session) {
				hold := s.Hold()
				wait(2000)
				hold.End()
				hold.End()
				wait(1000)
			},
			"voice.hold.started\nvoice.hold.ended voice.hold.duration=2",
			"voice.hold.count=1 voice.hold.duration=2", "voice.hold.duration", "voice.channel=phone n=1 sum=2.000",
		},
		{
			"holds that overlap: 0 to 2 s and 1 to 4 s", func(s *otelvoice.Session) {
				first := s.Hold()
				wait(1000)
				second := s.Hold()
				wait(1000)
				first.End()
				wait(2000)
				second.End()
			},
			"voice.hold.started\nvoice.hold.started\nvoice.hold.ended voice.hold.duration=2\nvoice.hold.ended voice.hold.duration=3",
			"voice.hold.count=2 voice.hold.duration=4", "voice.hold.duration", "voice.channel=phone n=2 sum=5.000",
		},
		{
			"a hang-up after 3 s on hold", func(s *otelvoice.Session) {
				s.Hold()
				wait(3000)
			},
			"voice.hold.started\nvoice.hold.ended voice.hold.duration=3",
			"voice.hold.count=1 voice.hold.duration=3", "voice.hold.duration", "voice.channel=phone n=1 sum=3.000",
		},
		{
			"a machine, after a doubt", func(s *otelvoice.Session) {
				s.SetAnsweredBy("perhaps", nil)
				s.SetAnsweredBy(otelvoice.AnsweredByMachine, new(0.93))
			},
			"voice.answering_machine.detected voice.answering_machine.result=unknown\n" +
				"voice.answering_machine.detected voice.answering_machine.result=machine voice.answering_machine.confidence=0.93",
			"voice.answering_machine.result=machine voice.answering_machine.confidence=0.93",
			"voice.answering_machine.count", "voice.answering_machine.result=machine voice.channel=phone 1\nvoice.answering_machine.result=unknown voice.channel=phone 1",
		},
		{
			"a confidence in percent", func(s *otelvoice.Session) { s.SetAnsweredBy(otelvoice.AnsweredByHuman, new(93.0)) },
			"voice.answering_machine.detected voice.answering_machine.result=human",
			"voice.answering_machine.result=human",
			"voice.measurements.dropped", "voice.drop.reason=out_of_range voice.measurement=voice.answering_machine.confidence 1",
		},
		{
			"two idle prompts", func(s *otelvoice.Session) { s.IdlePrompt(); s.IdlePrompt() },
			"voice.idle_prompt\nvoice.idle_prompt", "voice.idle_prompt.count=2", "voice.idle_prompt.count", "voice.channel=phone 2",
		},
		{
			"a PIN of four keys", func(s *otelvoice.Session) { s.Digits("*7#"); s.Digits("#"); s.Digits("") },
			"voice.dtmf\nvoice.dtmf\nvoice.dtmf\nvoice.dtmf", "voice.dtmf.count=4", "voice.dtmf.count", "voice.channel=phone 4",
		},
		{
			"an outcome that is revised", func(s *otelvoice.Session) { s.SetOutcome("open"); s.SetOutcome("booked"); s.SetOutcome("") },
			"", "voice.session.outcome=booked", "voice.session.outcome.count", "voice.channel=phone voice.session.outcome=booked 1",
		},
		{"nothing", func(*otelvoice.Session) {}, "", "", "voice.session.outcome.count", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				_, session := tel.StartSession(t.Context(), otelvoice.WithChannel("phone"))
				tt.call(session)
				session.End()
				voicetest.Check(t, rec)
				voicetest.NoSecrets(t, rec, "4155550123", "*7#")
				if got := eventsOf(rec, semconv.SpanVoiceSession); got != tt.events {
					t.Errorf("events\ngot  %s\nwant %s", got, tt.events)
				}
				var told []string
				for _, kv := range rec.Named(semconv.SpanVoiceSession)[0].Attributes() {
					for _, prefix := range []string{"voice.transfer", "voice.hold", "voice.answering", "voice.idle", "voice.dtmf", "voice.session.outcome"} {
						if strings.HasPrefix(string(kv.Key), prefix) {
							told = append(told, listed([]attribute.KeyValue{kv}))
						}
					}
				}
				if got := strings.Join(told, " "); got != tt.span {
					t.Errorf("attributes\ngot  %s\nwant %s", got, tt.span)
				}
				extra := object(lineOf(t, rec, "session_end"), "extra_data")
				for _, attr := range told {
					key, want, _ := strings.Cut(attr, "=")
					if got := fmt.Sprint(extra[key]); got != want {
						t.Errorf("%s on the line is %s, want %s", key, got, want)
					}
				}
				if got := points(rec, tt.metric); got != tt.points {
					t.Errorf("%s\ngot  %s\nwant %s", tt.metric, got, tt.points)
				}
			})
		})
	}
}

// With content capture, what was pressed and called is recorded, up to a bound.
func TestContentOfCalls(t *testing.T) {
	tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithContentCapture()))
	_, session := tel.StartSession(t.Context())
	session.Transfer(otelvoice.TransferToHuman, "sip:desk@example.com")
	session.Digits(strings.Repeat("12", 200))
	session.End()
	voicetest.Check(t, rec)
	attrs := span(t, rec, semconv.SpanVoiceSession)
	if got := attrs[semconv.VoiceTransferAddressKey].AsString(); !strings.HasPrefix(got, "sip:") {
		t.Errorf("the address is %q", got)
	}
	if got := len(attrs[semconv.VoiceDtmfDigitsKey].AsString()); got != 256 {
		t.Errorf("%d keys are recorded, want 256", got)
	}
	if got := attrs[semconv.VoiceDtmfCountKey].AsInt64(); got != 400 {
		t.Errorf("%d keys are counted, want 400", got)
	}
	if got := strings.Count(eventsOf(rec, semconv.SpanVoiceSession), "voice.dtmf"); got != 64 {
		t.Errorf("%d events, want 64", got)
	}
}

// After the end, each call is counted as dropped, and does not panic.
func TestCallsAfterTheEndOfTheSession(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	_, session := tel.StartSession(t.Context())
	transfer, hold := session.Transfer(otelvoice.TransferToHuman, ""), session.Hold()
	session.End()
	transfer.End(otelvoice.TransferBusy)
	transfer.Fail(nil)
	hold.End()
	session.SetOutcome("booked")
	session.Transfer(otelvoice.TransferToHuman, "").End(otelvoice.TransferBusy)
	session.Hold().End()
	session.SetAnsweredBy(otelvoice.AnsweredByHuman, nil)
	session.IdlePrompt()
	session.Digits("1")
	session.SetRecording("s3://calls/1.wav", time.Time{}, 1)
	var want []string
	for _, key := range []attribute.Key{
		semconv.VoiceAnsweringMachineResultKey, semconv.VoiceDtmfCountKey, semconv.VoiceHoldCountKey, semconv.VoiceIdlePromptCountKey,
		semconv.VoiceRecordingURIKey, semconv.VoiceSessionOutcomeKey, semconv.VoiceTransferCountKey,
	} {
		want = append(want, "voice.drop.reason=late voice.measurement="+string(key)+" 1")
	}
	if got := points(rec, "voice.measurements.dropped"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if got := points(rec, "voice.transfer.count"); got != "voice.transfer.target=human 1" {
		t.Errorf("the transfers are %s", got)
	}
}

func TestNilSessionTellsNothing(*testing.T) {
	var session *otelvoice.Session
	var turn *otelvoice.Turn
	session.SetOutcome("booked")
	session.Transfer(otelvoice.TransferToHuman, "").Fail(errors.New("busy"))
	session.Transfer(otelvoice.TransferToHuman, "").End(otelvoice.TransferBusy)
	session.Hold().End()
	session.SetAnsweredBy(otelvoice.AnsweredByHuman, nil)
	session.IdlePrompt()
	session.Digits("1")
	session.SetRecording("s3://calls/1.wav", time.Now(), 1)
	session.Evaluate("task", otelvoice.Evaluation{Label: "pass"})
	turn.Evaluate("task", otelvoice.Evaluation{Label: "pass"})
}

// At most 64 transfers and holds are open at a time.
func TestOpenHoldsAreBounded(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	_, session := tel.StartSession(t.Context())
	for range 100 {
		session.Hold()
	}
	session.End()
	if got := span(t, rec, semconv.SpanVoiceSession)[semconv.VoiceHoldCountKey].AsInt64(); got != 64 {
		t.Errorf("%d holds, want 64", got)
	}
	if got, want := points(rec, "voice.measurements.dropped"), "voice.drop.reason=out_of_range voice.measurement=voice.hold.count 36"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCallsTellConcurrently(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			_, turn := session.StartTurn(ctx)
			session.SetOutcome(fmt.Sprint("outcome ", i))
			transfer, hold := session.Transfer(otelvoice.TransferToHuman, ""), session.Hold()
			session.Digits("1")
			session.IdlePrompt()
			session.SetAnsweredBy(otelvoice.AnsweredByHuman, nil)
			session.SetRecording("s3://calls/1.wav", time.Now(), i)
			turn.Evaluate("task", otelvoice.Evaluation{Score: new(1.0)})
			if i == 0 {
				session.End()
			}
			transfer.End(otelvoice.TransferBusy)
			hold.End()
			turn.End()
		})
	}
	wg.Wait()
	if got := len(rec.Named(semconv.SpanVoiceSession)); got != 1 {
		t.Errorf("%d sessions, want 1", got)
	}
}

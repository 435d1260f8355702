// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews_test

import (
	"bytes"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

// An asterisk is a connection of Asterisk, which sends a call and then fails in a way.
type asterisk struct {
	net.Conn

	sends  bytes.Buffer
	err    error // Of reads after the last byte.
	writes error
}

func (a *asterisk) Read(p []byte) (int, error) {
	if a.sends.Len() == 0 {
		return 0, a.err
	}
	return a.sends.Read(p)
}

func (a *asterisk) Write(p []byte) (int, error) { return len(p), a.writes }
func (a *asterisk) Close() error                { return nil }

var (
	callID = append([]byte{0x01, 0, 16}, bytes.Repeat([]byte{0xab}, 16)...)
	voice  = append([]byte{0x10, 0x01, 0x40}, make([]byte, 320)...)
	hangup = []byte{0x00, 0, 0}
)

func values(attrs []attribute.KeyValue) map[attribute.Key]string {
	m := make(map[attribute.Key]string)
	for _, kv := range attrs {
		m[kv.Key] = kv.Value.String()
	}
	return m
}

// A line that breaks has failed, and one that is hung up has not. What passed is counted.
func TestAudioSocketEnds(t *testing.T) {
	failed := func(number syscall.Errno) error {
		return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", number)}
	}
	for _, tt := range []struct {
		name                     string
		last                     []byte // What Asterisk sends last.
		err, writes              error
		closes                   bool // The program closes the connection and does not read to the end.
		class, initiator, reason string
		messages, bytes          string
	}{
		{name: "Asterisk hangs up", last: hangup, err: io.EOF, initiator: "peer", reason: "user_hangup", messages: "4", bytes: "668"},
		{name: "Asterisk hangs up without a frame", err: io.EOF, initiator: "peer", reason: "user_hangup", messages: "3", bytes: "665"},
		{name: "the connection ends in a frame", last: voice[:100], err: io.EOF, class: "unexpected_eof", initiator: "network", messages: "3", bytes: "765"},
		{name: "a reset", err: failed(syscall.ECONNRESET), class: "connection_reset", initiator: "network", messages: "3", bytes: "665"},
		{name: "a network that is gone", err: failed(syscall.ETIMEDOUT), class: "timeout", initiator: "network", messages: "3", bytes: "665"},
		{name: "a reset after Asterisk hung up", last: hangup, err: failed(syscall.ECONNRESET), initiator: "network", reason: "user_hangup", messages: "4", bytes: "668"},
		{name: "the program hangs up", closes: true, initiator: "agent", reason: "agent_hangup", messages: "3", bytes: "665"},
		{name: "a write that fails", writes: failed(syscall.ECONNRESET), closes: true, class: "connection_reset", initiator: "network", messages: "3", bytes: "665"},
		{name: "a deadline", err: os.ErrDeadlineExceeded, initiator: "agent", reason: "agent_hangup", messages: "3", bytes: "665"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t)
			_, call := voicews.NewCall(t.Context(), sdk.Telemetry)
			a := &asterisk{err: tt.err, writes: tt.writes}
			a.sends.Write(bytes.Join([][]byte{callID, voice, voice, tt.last}, nil))
			conn := call.AudioSocket(a)
			if _, err := io.ReadFull(conn, make([]byte, a.sends.Len())); err != nil {
				t.Fatal(err)
			}
			_, _ = conn.Write(voice)
			if !tt.closes {
				_, _ = conn.Read(make([]byte, 1))
			}
			_ = conn.Close()
			lines, sessions := rec.Named(semconv.SpanVoiceLine), rec.Named(semconv.SpanVoiceSession)
			if len(lines) != 1 || len(sessions) != 1 {
				t.Fatalf("%d lines, %d sessions", len(lines), len(sessions))
			}
			got, of := values(lines[0].Attributes()), values(sessions[0].Attributes())
			outcome := semconv.VoiceStreamOutcomeCompleted
			if tt.class != "" {
				outcome = semconv.VoiceStreamOutcomeFailed
			}
			for key, want := range map[attribute.Key]string{
				semconv.VoiceStreamOutcomeKey: outcome, semconv.ErrorTypeKey: tt.class, semconv.VoiceStreamCloseInitiatorKey: tt.initiator,
				semconv.VoiceStreamMessageReceivedKey: tt.messages, semconv.VoiceStreamBytesReceivedKey: tt.bytes,
				semconv.VoiceStreamMessageSentKey: "1", semconv.VoiceStreamBytesSentKey: "323",
			} {
				if got[key] != want {
					t.Errorf("%s is %q, want %q", key, got[key], want)
				}
			}
			if reason := of[semconv.VoiceSessionEndReasonKey]; tt.reason != "" && reason != tt.reason {
				t.Errorf("the session ended with %q, want %q", reason, tt.reason)
			}
			voicetest.Check(t, rec)
		})
	}
}

// The frames that pass while the program holds up the telemetry are decoded later, because the next ones could not be
// found without them.
func TestAudioSocketWhileBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sdk, rec := voicetest.Setup(t)
		_, call := voicews.NewCall(t.Context(), sdk.Telemetry)
		a := &asterisk{err: io.EOF}
		a.sends.Write(callID)
		conn := call.AudioSocket(a)
		if _, err := io.ReadFull(conn, make([]byte, len(callID))); err != nil {
			t.Fatal(err)
		}
		blocked, free := make(chan struct{}), make(chan struct{})
		call.Session().OnTurn(func(*otelvoice.Turn) func() {
			close(blocked)
			<-free
			return nil
		})
		written := make(chan struct{})
		go func() { // The agent speaks, which starts a turn.
			defer close(written)
			_, _ = conn.Write(voice)
		}()
		<-blocked
		began := time.Now()
		for range 50 {
			a.sends.Write(voice)
			for _, n := range []int{100, len(voice) - 100} {
				if _, err := io.ReadFull(conn, make([]byte, n)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if waited := time.Since(began); waited > 110*time.Millisecond {
			t.Errorf("50 frames waited for %v", waited)
		}
		close(free)
		<-written
		a.sends.Write(voice)
		_, _ = io.ReadAll(conn)
		_ = conn.Close()
		got := values(rec.Named(semconv.SpanVoiceLine)[0].Attributes())
		if n := got[semconv.VoiceStreamMessageReceivedKey]; n != "52" || got[semconv.VoiceStreamNotUnderstoodCountKey] != "" {
			t.Errorf("%s frames, %s not understood", n, got[semconv.VoiceStreamNotUnderstoodCountKey])
		}
	})
}

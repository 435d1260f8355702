// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package agent is a voice agent in a LiveKit room. It answers all participants.
package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"sync"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otellivekit/examples/concierge/opus"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// An Agent is in a room until it leaves.
type Agent struct {
	tel      *otelvoice.Telemetry
	log      *slog.Logger
	room     *lksdk.Room
	track    *lksdk.LocalTrack
	pipeline *voicepipe.Pipeline
	calls    sync.WaitGroup

	mu    sync.Mutex
	lines map[string]*line // By the caller's identity.
}

// Join connects an agent to the room of a token. It speaks with the recordings in files.
// OnTurn, which may be nil, is called after each turn.
func Join(ctx context.Context, tel *otelvoice.Telemetry, files fs.FS, url, token string, onTurn func(voicepipe.Result, error)) (*Agent, error) {
	known, err := newRepertoire(files)
	if err != nil {
		return nil, err
	}
	model := func(name string) otelvoice.Model { return otelvoice.Model{Provider: "repertoire", Name: name} }
	a := &Agent{tel: tel, log: tel.Logger("concierge"), lines: make(map[string]*line)}
	a.pipeline, err = voicepipe.New(voicepipe.Config{
		Telemetry: tel,
		STT:       []voiceprovider.Transcriber{voicepipe.InstrumentSTT(known, model("ear"))},
		LLM:       []voiceprovider.Responder{voicepipe.InstrumentLLM(voiceprovider.RespondFunc(known.respond), model("mind"))},
		TTS:       []voiceprovider.Synthesizer{voicepipe.InstrumentTTS(known, model("mouth"))},
		ID:        "concierge",
		OnTurn:    onTurn,
	})
	if err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	if a.track, err = opus.NewTrack(); err != nil {
		return nil, err
	}

	// One line instruments the room.
	a.room = lksdk.NewRoom(otellivekit.Callbacks(tel, &lksdk.RoomCallback{
		ParticipantCallback: lksdk.ParticipantCallback{
			OnTrackSubscribed: a.hear,
		},
	}))
	if err := otellivekit.Join(ctx, a.room, url, token); err != nil {
		return nil, err //nolint:wrapcheck // The error is complete.
	}
	if _, err := a.room.LocalParticipant.PublishTrack(a.track, &lksdk.TrackPublicationOptions{Name: "voice"}); err != nil {
		a.Leave()
		return nil, fmt.Errorf("agent: publish the voice: %w", err)
	}
	return a, nil
}

// Leave leaves the room and waits for the calls to end.
func (a *Agent) Leave() {
	otellivekit.Disconnect(a.room)
	a.mu.Lock()
	for _, l := range a.lines {
		l.close()
	}
	a.mu.Unlock()
	a.calls.Wait()
}

// hear reads a caller's microphone and runs the pipeline.
func (a *Agent) hear(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, rp *lksdk.RemoteParticipant) {
	if track.Kind() != webrtc.RTPCodecTypeAudio {
		return
	}
	ctx, _ := otellivekit.SessionFromRoom(context.Background(), a.room, rp.Identity())
	reader := otellivekit.ReadTrack(a.room, track, rp)
	l := newLine()
	a.mu.Lock()
	a.lines[rp.Identity()] = l
	a.mu.Unlock()

	a.calls.Go(func() {
		if err := a.pipeline.Run(ctx, l.events, output{a.track}); err != nil {
			a.log.ErrorContext(ctx, "the call ended", otelvoice.Error(err))
		}
		l.close()
	})
	a.calls.Go(func() {
		defer l.close()
		listen(track, reader, l)
	})
}

// hangover is how long a caller is silent before the pipeline gets the end of speech.
const hangover = 200 * time.Millisecond

// silence is the start of the Opus packets with which the server ends a track. Packets that
// measure the bandwidth are empty.
var silence = []byte{0xf8, 0xff, 0xfe}

// listen sends the caller's audio and speech events to the pipeline. A silent caller sends no
// packets, as with the discontinuous transmission of Opus. It returns when the caller has
// left or the connection is lost.
func listen(track *webrtc.TrackRemote, reader *otellivekit.TrackReader, l *line) {
	speaking := false
	for {
		if err := track.SetReadDeadline(time.Now().Add(hangover)); err != nil {
			return
		}
		packet, _, err := reader.ReadRTP()
		var timeout net.Error
		switch {
		case errors.As(err, &timeout) && timeout.Timeout():
			if speaking {
				speaking = false
				l.send(voicepipe.Event{Kind: voicepipe.SpeechStopped, Hangover: hangover})
			}
			continue
		case err != nil:
			return
		case len(packet.Payload) == 0, bytes.HasPrefix(packet.Payload, silence):
			continue
		case !speaking:
			speaking = true
			l.send(voicepipe.Event{Kind: voicepipe.SpeechStarted})
		}
		l.send(voicepipe.Event{Frame: voiceprovider.Frame{Format: opus.Format, Data: packet.Payload}})
	}
}

// output plays the agent's voice to the room.
type output struct{ track *lksdk.LocalTrack }

// Play plays a frame. It returns when the frame was played.
func (o output) Play(ctx context.Context, f voiceprovider.Frame) error {
	return opus.Play(ctx, o.track, f.Data)
}

// line has the events of one caller. It has two senders; the first that detects the end
// closes it.
type line struct {
	events chan voicepipe.Event
	mu     sync.Mutex
	closed bool
}

func newLine() *line { return &line{events: make(chan voicepipe.Event, 50)} } // A second of audio.

// send drops events after the pipeline has ended.
func (l *line) send(e voicepipe.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	select {
	case l.events <- e:
	default:
	}
}

func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		close(l.events)
	}
}

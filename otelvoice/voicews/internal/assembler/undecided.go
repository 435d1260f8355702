// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
)

// An undecided is the recorder of a connection until the provider's first message, which says whether it is one to
// a speech-to-speech model or to a recogniser.
type undecided struct {
	record   func(*wire.Request) recorder // Makes the recorder of a request.
	request  *wire.Request                // The decoder writes it: it is read in events only.
	initial  wire.Request
	connects time.Time // When it was open, or the zero time.
	id       string
	audio    []lineFrame // The user's, that was sent before.
	kinds    []string    // Of what was not understood.
	measures *Measures
}

func newUndecided(c *Call, request *wire.Request, started time.Time) *undecided {
	return &undecided{request: request, initial: *request, record: func(request *wire.Request) recorder {
		if request.Stage == wire.STT {
			return c.recognizer(request, started)
		}
		return newRealtime(c, request, started)
	}}
}

func (u *undecided) opened(id string, at time.Time) { u.id, u.connects = id, at }
func (u *undecided) measured(m *Measures)           { u.measures = m }
func (u *undecided) notUnderstood(kind string)      { u.kinds = appendKind(u.kinds, kind) }

func (u *undecided) event(e *wire.Event, now time.Time) {
	if e.Kind == wire.UserAudio && len(u.audio) < maxLineFrames {
		u.audio = append(u.audio, lineFrame{e.Audio, now})
	}
}

func (u *undecided) end(err error) { u.recorder(&u.initial).end(err) }

// recorder returns the recorder of the connection, which has taken what came before it.
func (u *undecided) recorder(request *wire.Request) recorder {
	r := u.record(request)
	if !u.connects.IsZero() {
		r.opened(u.id, u.connects)
	}
	for _, f := range u.audio {
		r.event(&wire.Event{Kind: wire.UserAudio, Audio: f.length}, f.at)
	}
	for _, kind := range u.kinds {
		r.notUnderstood(kind)
	}
	if u.measures != nil {
		r.measured(u.measures)
	}
	return r
}

// decide replaces the recorder of a connection when it is known what it is.
func (c *Connection) decide() {
	u, ok := c.recorder.(*undecided)
	if !ok || u.request.MayTranscribe {
		return
	}
	c.recorder = u.recorder(u.request)
	if i := slices.Index(c.call.open, recorder(u)); i >= 0 {
		c.call.open[i] = c.recorder
	}
}

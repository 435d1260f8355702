// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package observed

import (
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
)

// A Realtime is what is observed of a response of a speech-to-speech model. Its user guards it with a
// lock.
type Realtime struct {
	Answer     LLM // The response, its tools and its tokens.
	Speech     TTS // The agent's audio.
	Transcript string
	Language   string // Of the user.
	Status     string
	Input      time.Duration // The user's audio that the response answers.
}

// Event adds an event.
func (r *Realtime) Event(e *wire.Event, now time.Time) {
	switch e.Kind {
	case wire.Final:
		r.Transcript += string(e.Text[:min(len(e.Text), maxText-len(r.Transcript))])
		setText(&r.Language, e.Speech.Language)
		return
	case wire.UserAudio:
		r.Input += e.Audio
		return
	case wire.Responded:
		setText(&r.Status, e.Name)
		return
	case wire.Requested:
		setText(&r.Language, e.Request.Language)
	default:
	}
	r.Answer.Event(e, now)
	r.Speech.Event(e, now)
}

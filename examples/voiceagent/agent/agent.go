// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package agent is a voice agent: the concierge of a hotel with a restaurant.
//
// One POST is one call. Its body is the caller's voice, its response is the agent's voice,
// and both are streamed at the same time; see package wire. In between is a pipeline of
// package voicepipe:
//
//	STT      the caller's words as text         speech_to_text
//	LLM      an answer, with tool calls         chat, execute_tool
//	TTS      the answer's sentences as audio    text_to_speech
//	playout  the audio, in real time
//
// The package has only what is specific to this agent: its connection, its tool and its
// instructions. The pipeline writes the telemetry.
package agent

import (
	"net/http"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
	"github.com/voice-agents/telemetry/examples/voiceagent/pace"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// Models are the models of the stages.
type Models struct {
	Transcription, Chat, Speech otelvoice.Model
}

// An Agent answers any number of calls concurrently. Its fields must not change while it
// does.
type Agent struct {
	Telemetry *otelvoice.Telemetry
	Provider  *openai.Client
	Models    Models
	// Speed is the speed of the calls: of playing audio and of pauses.
	Speed pace.Speed
	// Recordings is the directory to which the calls are recorded. If it is empty, they are not.
	// It must exist. The sound is right at speed 1.
	Recordings string
}

const (
	// language is the language of the callers. The transcription is faster and more
	// accurate if it is known.
	language = "en"
	voice    = "alloy"
	greeting = "Good evening, this is the concierge. How can I help you?"
	// endpointing is how long the agent waits for more speech after the caller's device has
	// reported its end, because people pause to think.
	endpointing = 250 * time.Millisecond
	// retryPause is the pause before a provider is called again. It is short, because the
	// caller waits.
	retryPause = 100 * time.Millisecond

	instructions = `You are the concierge of a hotel with a restaurant, on the phone.
Answer in one or two short sentences, in plain words that can be spoken.
Look up a table with check_availability before you promise it.`
)

// ServeHTTP answers one call.
func (a *Agent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	line, err := pickUp(w, a.Speed)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer line.hangUp()
	// The request's context has the caller's correlation ID, so the session and its spans
	// belong to that trace.
	ctx, session := a.Telemetry.StartSession(r.Context(), otelvoice.WithChannel("web"), otelvoice.WithPipelineID("voiceagent"))
	defer session.End()
	if a.Recordings != "" {
		defer a.record(ctx, session, line)()
	}
	c := &call{session: session, line: line, speed: a.Speed}
	pipeline, err := a.pipeline(c.turnEnded)
	if err != nil {
		session.Fail(err)
		return
	}
	c.serve(ctx, pipeline, r.Body)
}

// pipeline returns the pipeline of a call. It calls onTurn after each turn.
func (a *Agent) pipeline(onTurn func(voicepipe.Result, error)) (*voicepipe.Pipeline, error) {
	return voicepipe.New(voicepipe.Config{
		Telemetry: a.Telemetry,
		STT: []voiceprovider.Transcriber{
			voicepipe.InstrumentSTT(a.Provider.Transcriber(a.Models.Transcription.Name, language), a.Models.Transcription),
		},
		LLM: []voiceprovider.Responder{
			voicepipe.InstrumentLLM(a.Provider.Responder(a.Models.Chat.Name), a.Models.Chat),
		},
		TTS: []voiceprovider.Synthesizer{
			voicepipe.InstrumentTTS(a.Provider.Synthesizer(a.Models.Speech.Name, voice), a.Models.Speech),
		},
		Instructions: instructions,
		Greeting:     greeting,
		Tools:        []voiceprovider.Tool{a.checkAvailability()},
		Endpointing:  a.Speed.Of(endpointing),
		RetryPause:   a.Speed.Of(retryPause),
		// The callers' devices report only speech, so it may interrupt at once.
		MinInterruption: -1,
		OnTurn:          onTurn,
	})
}

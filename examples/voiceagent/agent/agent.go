// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package agent is a voice agent: the concierge of a hotel with a restaurant.
//
// One POST is one call. Its body is the caller's voice and its response the
// agent's, both at once; see package wire. In between is a pipeline of package
// voicepipe:
//
//	listen  the caller's words as text        speech_to_text
//	think   an answer, by way of tools        chat, execute_tool
//	speak   its sentences as audio            text_to_speech
//	play    the audio, at the pace of life
//
// What is here is what is this agent's own: its line, its tool, its manners. The
// pipeline tells of the calls by itself.
package agent

import (
	"net/http"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
	"github.com/voice-agents/telemetry/examples/voiceagent/pace"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
)

// Models says which model does what.
type Models struct {
	Transcription, Chat, Speech otelvoice.Model
}

// An Agent answers calls, any number at once. Its fields must not change once
// it does.
type Agent struct {
	Telemetry *otelvoice.Telemetry
	Provider  *openai.Client
	Models    Models
	// Speed is that of the calls: the voice is played and pauses are made at it.
	Speed pace.Speed
}

const (
	// language is what callers speak. The transcription is told, which makes
	// it quicker and better.
	language = "en"
	voice    = "alloy"
	greeting = "Good evening, this is the concierge. How can I help you?"
	// endpointing is how long the agent waits for more speech once the caller's
	// device has heard none: people pause to think.
	endpointing = 250 * time.Millisecond
	// retryPause is how long a provider is given to recover. A caller waits.
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
	// The request's context has the caller's correlation ID: the session, and
	// all below it, is in that trace.
	ctx, session := a.Telemetry.StartSession(r.Context(), otelvoice.WithChannel("web"), otelvoice.WithPipelineID("voiceagent"))
	defer session.End()
	c := &call{session: session, line: line, speed: a.Speed}
	pipeline, err := a.pipeline(c.told)
	if err != nil {
		session.Fail(err)
		return
	}
	c.serve(ctx, pipeline, r.Body)
}

// pipeline is what the agent is made of. Told is told of each turn that has ended.
func (a *Agent) pipeline(told func(voicepipe.Result, voicepipe.TurnMetrics, error)) (*voicepipe.Pipeline, error) {
	return voicepipe.New(voicepipe.Config{
		Telemetry: a.Telemetry,
		STT: []voicepipe.Transcriber{
			voicepipe.InstrumentSTT(a.Provider.Transcriber(a.Models.Transcription.Name, language), a.Models.Transcription),
		},
		LLM: []voicepipe.Responder{
			voicepipe.InstrumentLLM(a.Provider.Responder(a.Models.Chat.Name), a.Models.Chat),
		},
		TTS: []voicepipe.Synthesizer{
			voicepipe.InstrumentTTS(a.Provider.Synthesizer(a.Models.Speech.Name, voice), a.Models.Speech),
		},
		Instructions: instructions,
		Greeting:     greeting,
		Tools:        []voicepipe.Tool{a.checkAvailability()},
		Endpointing:  a.Speed.Of(endpointing),
		RetryPause:   a.Speed.Of(retryPause),
		// The callers' devices only report what is really speech.
		MinInterruption: -1,
		OnTurn:          told,
	})
}

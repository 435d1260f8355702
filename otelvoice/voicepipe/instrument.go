// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"fmt"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/stage"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// InstrumentSTT returns a [voiceprovider.Transcriber] with telemetry. Each utterance gets a
// span in the turn of its context, with audio seconds, real-time factor, confidence, language
// and final latency, and the turn's marks, metrics and log lines. The span of a
// [voiceprovider.TranscribeFunc] starts when the audio is complete; the span of a recognizer
// that reads the audio as it arrives starts with the audio. Without a turn there is no
// telemetry. For a recognizer that stays connected, see [InstrumentSTTStream].
func InstrumentSTT(next voiceprovider.Transcriber, model otelvoice.Model) voiceprovider.Transcriber {
	return &stage.Transcriber{Next: next, Model: model}
}

// InstrumentSTTStream returns a [voiceprovider.Transcriber] that [Pipeline.Run] keeps
// connected for the whole call. Transcribe is called once, with all audio of the call, and
// again only if its sequence ends before the call does. The connection gets a span with the
// time to connect, reconnects, and the seconds that were sent and billed. Each utterance gets
// a span in its turn. Offsets are mapped to the clock by the audio that was sent.
//
// Three things differ from the audio of one utterance:
//
//   - The provider reads the first frame when it is connected.
//   - A frame without data reports that voice activity detection detected the end of speech.
//     The provider then asks the recognizer for a final transcript (Finalize at Deepgram,
//     ForceEndpoint at AssemblyAI) and yields it.
//   - After a reconnect the audio begins with that of the current utterance.
//
// With [BySTT] a turn begins with the recognizer's start of speech, which also interrupts the
// agent; see [voiceprovider.Transcript]. Without one it begins with the first words. A
// transcript that repeats an earlier one, for example the end of a turn with punctuation, or
// that arrives late, counts once; the times of its words identify it.
//
// While no connection can be made, the other providers of [Config.STT] transcribe each
// utterance. In [Pipeline.Process] it is the same as [InstrumentSTT], and so is a
// [voiceprovider.TranscribeFunc], which cannot stream.
func InstrumentSTTStream(next voiceprovider.Transcriber, model otelvoice.Model) voiceprovider.Transcriber {
	_, batch := next.(voiceprovider.TranscribeFunc)
	return &stage.Transcriber{Next: next, Model: model, Streams: !batch}
}

// InstrumentLLM returns a [voiceprovider.Responder] with telemetry. Each request gets a span
// in the turn of its context, with tokens, time to first chunk and finish reason, and the
// turn's marks, metrics and log lines. An answer without tool calls and without words ends
// with [voiceprovider.ErrNothing], unless it follows the result of a tool.
func InstrumentLLM(next voiceprovider.Responder, model otelvoice.Model) voiceprovider.Responder {
	return &stage.Responder{Next: next, Model: model}
}

// InstrumentTTS returns a [voiceprovider.Synthesizer] with telemetry. Each synthesis gets a
// span in the turn of its context, with characters, time to first byte and to first audible
// audio, audio seconds and real-time factor, and the turn's marks, metrics and log lines. If
// next has a Voice() string method, the span has its result. A synthesis without audio ends
// with [voiceprovider.ErrNothing].
func InstrumentTTS(next voiceprovider.Synthesizer, model otelvoice.Model) voiceprovider.Synthesizer {
	return &stage.Synthesizer{Next: next, Model: model}
}

// instrumented returns the providers, instrumented if they are not yet.
func instrumented[P comparable](name string, providers []P, instrument func(P, otelvoice.Model) P) ([]P, error) {
	if len(providers) == 0 {
		return nil, fmt.Errorf("voicepipe: no provider for %s", name)
	}
	out := make([]P, len(providers))
	for i, p := range providers {
		var none P
		if p == none {
			return nil, fmt.Errorf("voicepipe: provider %d for %s is nil", i+1, name)
		}
		switch any(p).(type) {
		case *stage.Transcriber, *stage.Responder, *stage.Synthesizer:
			out[i] = p
		default:
			out[i] = instrument(p, otelvoice.Model{})
		}
	}
	return out, nil
}

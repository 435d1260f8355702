// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// The providers of the examples know one answer.
var (
	hears = voiceprovider.TranscribeFunc(func(context.Context, otelvoice.AudioFormat, []byte) (voiceprovider.Transcript, error) {
		return voiceprovider.Transcript{Text: "A table for two?"}, nil
	})
	thinks = voiceprovider.RespondFunc(func(context.Context, voiceprovider.Request) (voiceprovider.Chunk, error) {
		return voiceprovider.Chunk{Text: "With pleasure. At seven?"}, nil
	})
	talks = voiceprovider.SynthesizeFunc(func(context.Context, string) (voiceprovider.Frame, error) {
		return sound(100 * time.Millisecond), nil
	})
)

func example(rec *voicetest.Recorder) (*voicepipe.Pipeline, *otelvoice.Telemetry) {
	tel, err := voicesdk.Setup(context.Background(), append(rec.Options(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())...)
	if err != nil {
		panic(err)
	}
	p, err := voicepipe.New(voicepipe.Config{
		Telemetry: tel.Telemetry,
		STT:       []voiceprovider.Transcriber{voicepipe.InstrumentSTT(hears, otelvoice.Model{Provider: "deepgram", Name: "nova-3"})},
		LLM:       []voiceprovider.Responder{voicepipe.InstrumentLLM(thinks, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})},
		TTS:       []voiceprovider.Synthesizer{voicepipe.InstrumentTTS(talks, otelvoice.Model{Provider: "cartesia", Name: "sonic-3"})},
	})
	if err != nil {
		panic(err)
	}
	return p, tel.Telemetry
}

func ExamplePipeline_Process() {
	rec := voicetest.NewRecorder()
	p, tel := example(rec)
	defer func() { _ = tel.Shutdown(context.Background()) }()
	res, err := p.Process(context.Background(), slices.Values([]voiceprovider.Frame{sound(time.Second)}), nil, nil)
	fmt.Println(res.Transcript, res.Reply, err)
	outcome, _ := res.Turn.Outcome()
	latency, _ := res.Turn.Latency()
	fmt.Println(outcome, len(latency.Segments), "segments,", len(res.Turn.Stages()), "stages")
	fmt.Print(rec.Shape())
	// Output:
	// A table for two? With pleasure. At seven? <nil>
	// completed 7 segments, 4 stages
	// voice.session INTERNAL
	//   voice.turn INTERNAL
	//     speech_to_text nova-3 CLIENT
	//     chat gpt-4o-mini CLIENT
	//     text_to_speech sonic-3 CLIENT
	//     text_to_speech sonic-3 CLIENT
}

func ExamplePipeline_Run() {
	rec := voicetest.NewRecorder()
	p, tel := example(rec)
	defer func() { _ = tel.Shutdown(context.Background()) }()
	heard := make(chan struct{}, 100)
	in := make(chan voicepipe.Event)
	go func() {
		defer close(in) // The user hangs up.
		in <- voicepipe.Event{Kind: voicepipe.SpeechStarted}
		in <- voicepipe.Event{Frame: sound(time.Second)}
		in <- voicepipe.Event{Kind: voicepipe.SpeechStopped, Hangover: 200 * time.Millisecond}
		<-heard
		<-heard // Both sentences of the answer.
	}()
	err := p.Run(context.Background(), in, voicepipe.Paced(func(voiceprovider.Frame) error {
		heard <- struct{}{}
		return nil
	}))
	fmt.Println(err)
	// Output: <nil>
}

// The wrappers are for a loop of one's own, too.
func ExampleInstrumentTTS() {
	rec := voicetest.NewRecorder()
	_, tel := example(rec)
	defer func() { _ = tel.Shutdown(context.Background()) }()
	ctx, session := tel.StartSession(context.Background())
	ctx, turn := session.StartTurn(ctx)
	voice := voicepipe.InstrumentTTS(talks, otelvoice.Model{Provider: "cartesia", Name: "sonic-3"})
	for frame, err := range voice.Synthesize(ctx, slices.Values([]string{"Good ", "evening."})) {
		fmt.Println(frame.Duration(), err)
	}
	turn.End()
	session.End()
	fmt.Println(*characters(turn))
	// Output:
	// 100ms <nil>
	// 13
}

func characters(turn *otelvoice.Turn) *float64 {
	for _, stage := range turn.Stages() {
		if n, ok := stage.Float(semconv.VoiceTTSCharactersKey); ok {
			return &n
		}
	}
	return nil
}

// A recognizer that stays connected for the call interrupts the agent by its own start of
// speech; the other one is asked while it can't be reached.
func ExampleInstrumentSTTStream() {
	deepgram := &live{scripts: [][]reaction{{
		{heard: 400 * time.Millisecond, value: voiceprovider.Transcript{SpeechStarted: new(300 * time.Millisecond)}},
		{heard: 900 * time.Millisecond, value: voiceprovider.Transcript{
			Text: "A table for two?", Final: true, EndOfTurn: true, Words: []voiceprovider.Word{{Text: "two", End: 800 * time.Millisecond}},
		}},
	}}}
	done := make(chan struct{})
	p, err := voicepipe.New(voicepipe.Config{
		STT: []voiceprovider.Transcriber{
			voicepipe.InstrumentSTTStream(deepgram, otelvoice.Model{Provider: "deepgram", Name: "nova-3"}),
			voicepipe.InstrumentSTT(hears, otelvoice.Model{Provider: "openai", Name: "whisper-1"}),
		},
		LLM:       []voiceprovider.Responder{thinks},
		TTS:       []voiceprovider.Synthesizer{talks},
		EndOfTurn: voicepipe.BySTT,
		OnTurn: func(res voicepipe.Result, err error) {
			fmt.Println(res.Transcript, res.Reply, err)
			close(done)
		},
	})
	if err != nil {
		panic(err)
	}
	line := make(chan voicepipe.Event)
	go func() {
		for range 50 {
			line <- voicepipe.Event{Frame: sound(20 * time.Millisecond)}
		}
		<-done
		close(line) // The user hangs up.
	}()
	if err := p.Run(context.Background(), line, voicepipe.Paced(func(voiceprovider.Frame) error { return nil })); err != nil {
		panic(err)
	}
	// Output: A table for two? With pleasure. At seven? <nil>
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package grpcspeech_test

import (
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	speechv1 "cloud.google.com/go/speech/apiv1/speechpb"
	speechv2 "cloud.google.com/go/speech/apiv2/speechpb"
)

// A step is what the recogniser sends when it has heard audio of a duration since the stream began.
type step struct {
	heard time.Duration
	kind  kind
	// text is the transcript, and start and end are the offsets of its first and last word.
	text       string
	start, end time.Duration
	err        error // Of fails.
}

type kind int

const (
	begins   kind = iota // SPEECH_ACTIVITY_BEGIN
	stops                // SPEECH_ACTIVITY_END
	single               // END_OF_SINGLE_UTTERANCE
	partial              // An interim result.
	final                // A final one.
	finishes             // The end of the stream, with what is billed.
	fails                // A status.
)

// A script is the steps of each stream, one after the other.
type script [][]step

// next returns the steps of the next stream.
func (s *script) next() []step {
	if len(*s) == 0 {
		return nil
	}
	steps := (*s)[0]
	*s = (*s)[1:]
	return steps
}

// play hears audio and sends the steps. receive returns the bytes of audio of the next request, of µ-law.
func play(steps []step, receive func() (int, error), send func(step) error) error {
	for heard := time.Duration(0); ; {
		for len(steps) > 0 && steps[0].heard <= heard {
			s := steps[0]
			steps = steps[1:]
			if s.kind == fails {
				return s.err
			}
			if err := send(s); err != nil || s.kind == finishes {
				return err
			}
		}
		n, err := receive()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		heard += time.Duration(n) * time.Second / 8000
	}
}

type serverV1 struct {
	speechv1.UnimplementedSpeechServer

	script script
}

// StreamingRecognize plays the steps in messages of v1.
func (s *serverV1) StreamingRecognize(stream speechv1.Speech_StreamingRecognizeServer) error {
	return play(s.script.next(), func() (int, error) {
		m, err := stream.Recv()
		return len(m.GetAudioContent()), err
	}, func(s step) error { return stream.Send(messageV1(s)) })
}

func messageV1(s step) *speechv1.StreamingRecognizeResponse {
	m := &speechv1.StreamingRecognizeResponse{}
	at := durationpb.New(s.heard)
	switch s.kind {
	case begins:
		m.SpeechEventType, m.SpeechEventTime = speechv1.StreamingRecognizeResponse_SPEECH_ACTIVITY_BEGIN, at
	case stops:
		m.SpeechEventType, m.SpeechEventTime = speechv1.StreamingRecognizeResponse_SPEECH_ACTIVITY_END, at
	case single:
		m.SpeechEventType, m.SpeechEventTime = speechv1.StreamingRecognizeResponse_END_OF_SINGLE_UTTERANCE, at
	case partial: // The stable part, and the rest.
		for _, stability := range []float32{0.9, 0.01} {
			m.Results = append(m.Results, &speechv1.StreamingRecognitionResult{
				Alternatives: []*speechv1.SpeechRecognitionAlternative{{Transcript: s.text}}, Stability: stability, ResultEndTime: at,
			})
		}
	case final:
		best := &speechv1.SpeechRecognitionAlternative{Transcript: s.text, Confidence: 0.9}
		if s.end > 0 {
			best.Words = []*speechv1.WordInfo{
				{StartTime: durationpb.New(s.start), EndTime: durationpb.New(s.start + 100*time.Millisecond)},
				{StartTime: durationpb.New(s.end - 100*time.Millisecond), EndTime: durationpb.New(s.end)},
			}
		}
		m.Results = []*speechv1.StreamingRecognitionResult{{
			Alternatives: []*speechv1.SpeechRecognitionAlternative{best, {Transcript: "worse"}}, IsFinal: true, ResultEndTime: at, LanguageCode: "en-us",
		}}
	case finishes:
		m.TotalBilledTime, m.RequestId = at, 42
	case fails:
	}
	return m
}

type serverV2 struct {
	speechv2.UnimplementedSpeechServer

	script script
}

// StreamingRecognize plays the steps in messages of v2.
func (s *serverV2) StreamingRecognize(stream speechv2.Speech_StreamingRecognizeServer) error {
	return play(s.script.next(), func() (int, error) {
		m, err := stream.Recv()
		return len(m.GetAudio()), err
	}, func(s step) error { return stream.Send(messageV2(s)) })
}

func messageV2(s step) *speechv2.StreamingRecognizeResponse {
	m := &speechv2.StreamingRecognizeResponse{Metadata: &speechv2.RecognitionResponseMetadata{RequestId: "42"}}
	at := durationpb.New(s.heard)
	switch s.kind {
	case begins:
		m.SpeechEventType, m.SpeechEventOffset = speechv2.StreamingRecognizeResponse_SPEECH_ACTIVITY_BEGIN, at
	case stops:
		m.SpeechEventType, m.SpeechEventOffset = speechv2.StreamingRecognizeResponse_SPEECH_ACTIVITY_END, at
	case single:
		m.SpeechEventType, m.SpeechEventOffset = speechv2.StreamingRecognizeResponse_END_OF_SINGLE_UTTERANCE, at
	case partial:
		for _, stability := range []float32{0.9, 0.01} {
			m.Results = append(m.Results, &speechv2.StreamingRecognitionResult{
				Alternatives: []*speechv2.SpeechRecognitionAlternative{{Transcript: s.text}}, Stability: stability, ResultEndOffset: at,
			})
		}
	case final:
		best := &speechv2.SpeechRecognitionAlternative{Transcript: s.text, Confidence: 0.9}
		if s.end > 0 {
			best.Words = []*speechv2.WordInfo{
				{StartOffset: durationpb.New(s.start), EndOffset: durationpb.New(s.start + 100*time.Millisecond)},
				{StartOffset: durationpb.New(s.end - 100*time.Millisecond), EndOffset: durationpb.New(s.end)},
			}
		}
		m.Results = []*speechv2.StreamingRecognitionResult{{
			Alternatives: []*speechv2.SpeechRecognitionAlternative{best, {Transcript: "worse"}}, IsFinal: true, ResultEndOffset: at, LanguageCode: "en-us",
		}}
	case finishes:
		m.Metadata.TotalBilledDuration = at
	case fails:
	}
	return m
}

// register returns a server of both versions.
func register(s script) *grpc.Server {
	server := grpc.NewServer()
	speechv1.RegisterSpeechServer(server, &serverV1{script: s})
	speechv2.RegisterSpeechServer(server, &serverV2{script: s})
	return server
}

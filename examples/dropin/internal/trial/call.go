// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package trial

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/voice-agents/telemetry/examples/dropin/internal/caller"
	"github.com/voice-agents/telemetry/examples/dropin/internal/vendors"
)

// PhoneScript is a call with two questions. The model calls a tool for the first, and the caller
// interrupts the second sentence of the answer.
func PhoneScript() vendors.Script {
	return vendors.Script{
		Transcripts: []string{"do you have a table for four at seven", "make that eight o'clock"},
		Chats: []vendors.Chat{
			{Tool: "find_table", Arguments: []string{`{"guests"`, `:4,"ti`, `me":"19:00"}`}, In: 84, Out: 17},
			{Text: "We have a table by the window. Shall I book it, or do you prefer one in the garden?", In: 122, Out: 21},
			{Text: "Eight o'clock is fine.", In: 160, Out: 6},
		},
		Syntheses: []vendors.Synthesis{
			{Silence: 200 * time.Millisecond, Voice: 600 * time.Millisecond},
			{Voice: 300 * time.Millisecond, Hang: true},
			{Silence: 100 * time.Millisecond, Voice: 700 * time.Millisecond},
		},
		FirstDelay: 80 * time.Millisecond, Pace: 8 * time.Millisecond,
	}
}

// steps are the caller's part of the script: the interruption comes after the first sentence and
// the audio of the second one.
var steps = []caller.Step{
	{Speak: 900 * time.Millisecond, Until: 1100 * time.Millisecond},
	{Speak: 600 * time.Millisecond, Marks: 1},
}

// Phone calls an agent, and returns what it recorded.
func Phone(ctx context.Context, binary string, v *vendors.Server) (*Record, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	p, err := start(ctx, binary, v)
	if err != nil {
		return nil, err
	}
	heard, callErr := caller.Call(ctx, "ws://"+p.address+"/media", "CA0123", steps...)
	if err := p.stop(); err != nil {
		return nil, err
	}
	if callErr != nil {
		return nil, fmt.Errorf("%w\n%s", callErr, p.out.text())
	}
	record, err := read(p.out.text())
	if err == nil {
		record.Heard = fmt.Sprintf("%+v", heard)
	}
	return record, err
}

// WebScript is a question over HTTP.
func WebScript() vendors.Script {
	return vendors.Script{
		Transcript: "I would like a table for four at seven.",
		Message:    "Yes, we have a table for four at seven. Shall I book it?",
		Speech:     2 * time.Second,
		FirstDelay: 80 * time.Millisecond, Pace: 8 * time.Millisecond,
	}
}

// Web asks an agent over HTTP, and returns what it recorded.
func Web(ctx context.Context, binary string, v *vendors.Server) (*Record, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	p, err := start(ctx, binary, v)
	if err != nil {
		return nil, err
	}
	size, askErr := ask(ctx, "http://"+p.address+"/talk/customer-1")
	if err := p.stop(); err != nil {
		return nil, err
	}
	if askErr != nil {
		return nil, fmt.Errorf("%w\n%s", askErr, p.out.text())
	}
	record, err := read(p.out.text())
	if err == nil {
		record.Heard = fmt.Sprintf("%d bytes", size)
	}
	return record, err
}

func ask(ctx context.Context, url string) (size int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(vendors.WAV(2*time.Second)))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "audio/wav")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, answer)
	}
	return len(answer), err
}

// SpeechScript is two questions to a speech-to-speech model. It calls a tool for the first one, and the
// caller interrupts its answer.
func SpeechScript() vendors.Script {
	return vendors.Script{
		Responses: []vendors.Response{
			{Tool: "find_table", In: 110, Out: 20},
			{Audio: 3 * time.Second, In: 132, Out: 120},
			{Audio: 500 * time.Millisecond, In: 180, Out: 40},
		},
		Pace: 10 * time.Millisecond,
	}
}

// Speech runs an agent that talks by itself, and returns what it recorded.
func Speech(ctx context.Context, binary string, v *vendors.Server) (*Record, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	p, err := start(ctx, binary, v)
	if err != nil {
		return nil, err
	}
	select {
	case <-time.After(4500 * time.Millisecond): // The microphone takes 4 s.
	case <-ctx.Done():
	}
	if err := p.stop(); err != nil {
		return nil, err
	}
	return read(p.out.text())
}

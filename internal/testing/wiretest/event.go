// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wiretest

import (
	"fmt"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
)

// Format returns an event as a line of text, with the fields that are set.
func Format(e *wire.Event) string {
	var b strings.Builder
	b.WriteString(e.Kind.String())
	put := func(name string, value any, isSet bool) {
		if isSet {
			fmt.Fprintf(&b, " %s=%v", name, value)
		}
	}
	text := func(name, value string) { put(name, fmt.Sprintf("%q", value), value != "") }
	if r := e.Request; r != nil {
		text("stage", string(r.Stage))
		text("provider", r.Provider)
		text("model", r.Model)
		put("stream", r.Stream, r.Stream)
		number(&b, "temperature", r.Temperature)
		number(&b, "top_p", r.TopP)
		number(&b, "max_tokens", r.MaxTokens)
		text("voice", r.Voice)
		text("language", r.Language)
		format(put, r.Format)
		put("output", r.Output.Codec, r.Output.Codec != "")
		put("output_rate", r.Output.SampleRate, r.Output.SampleRate > 0)
		put("hangover", r.Hangover, r.Hangover > 0)
		put("characters", r.Characters, r.Characters > 0)
		text("text", r.Text)
		put("audio_size", r.AudioSize, r.AudioSize > 0)
		put("audio", r.Audio, r.Audio > 0)
		text("system", string(r.System))
		text("messages", string(r.Messages))
	}
	if c := e.Call; c != nil {
		text("provider", c.Provider)
		text("call", c.ID)
		text("stream", c.Stream)
		text("from", c.From)
		text("to", c.To)
		format(put, c.Inbound)
		put("output", c.Outbound.Codec, c.Outbound.Codec != "")
		put("output_rate", c.Outbound.SampleRate, c.Outbound.SampleRate > 0)
		put("parameters", c.Parameters, len(c.Parameters) > 0) // fmt sorts the keys.
	}
	text("of", e.Of)
	text("id", e.ID)
	text("name", e.Name)
	text("text", string(e.Text))
	usage := e.Usage.Attributes(nil)
	for _, kv := range usage {
		put(strings.TrimPrefix(string(kv.Key), "gen_ai.usage."), kv.Value.String(), true)
	}
	format(put, e.Format)
	put("start", e.Speech.Start, e.Speech.HasOffsets)
	put("end", e.Speech.End, e.Speech.HasOffsets)
	put("confidence", e.Speech.Confidence, e.Speech.HasConfidence)
	text("language", e.Speech.Language)
	put("characters", e.Characters, e.Characters > 0)
	put("audio", e.Audio, e.Audio > 0)
	put("timestamp", e.Media.Timestamp, e.Media.HasTimestamp)
	put("sequence", e.Media.Sequence, e.Media.Sequence > 0)
	put("outbound", e.Media.Outbound, e.Media.Outbound)
	return b.String()
}

func number[N any](b *strings.Builder, name string, n *N) {
	if n != nil {
		fmt.Fprintf(b, " %s=%v", name, *n)
	}
}

func format(put func(name string, value any, isSet bool), f wire.Format) {
	put("codec", f.Codec, f.Codec != "")
	put("sample_rate", f.SampleRate, f.SampleRate > 0)
	put("channels", f.Channels, f.Channels > 0)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"iter"
	"strings"

	"github.com/voice-agents/telemetry/otellivekit/examples/concierge/opus"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// repertoire replaces the three services of an agent, so that the example needs no account. It
// recognizes a few utterances by their packets, which arrive unchanged, and has an answer to
// each. The rest of the example is the same as with the services.
type repertoire struct {
	texts   map[string]string   // The utterance by packet, for packets of one file only.
	replies map[string]string   // The reply by utterance.
	voice   map[string][][]byte // The packets by reply.
}

func newRepertoire(files fs.FS) (*repertoire, error) {
	var utterances, replies []struct{ File, Text, To string }
	for name, list := range map[string]any{"utterances.json": &utterances, "replies.json": &replies} {
		text, err := fs.ReadFile(files, name)
		if err == nil {
			err = json.Unmarshal(text, list)
		}
		if err != nil {
			return nil, fmt.Errorf("agent: read %s: %w", name, err)
		}
	}
	r := &repertoire{texts: make(map[string]string), replies: make(map[string]string), voice: make(map[string][][]byte)}
	said := make(map[string]string)
	for _, u := range utterances {
		said[u.File] = u.Text
		packets, err := opus.Read(files, strings.TrimSuffix(u.File, ".wav")+".ogg")
		if err != nil {
			return nil, err
		}
		for _, p := range packets {
			if other, ok := r.texts[string(p)]; ok && other != u.Text {
				r.texts[string(p)] = "" // Several files have the packet, such as silence.
				continue
			}
			r.texts[string(p)] = u.Text
		}
	}
	for _, reply := range replies {
		packets, err := opus.Read(files, reply.File)
		if err != nil {
			return nil, err
		}
		r.replies[said[reply.To]] = reply.Text
		r.voice[reply.Text] = packets
	}
	return r, nil
}

// Transcribe recognizes the utterance with the most packets.
func (r *repertoire) Transcribe(_ context.Context, audio iter.Seq[voiceprovider.Frame]) iter.Seq2[voiceprovider.Transcript, error] {
	return func(yield func(voiceprovider.Transcript, error) bool) {
		votes, best := make(map[string]int), ""
		for frame := range audio {
			if text := r.texts[string(frame.Data)]; text != "" {
				votes[text]++
				if votes[text] > votes[best] {
					best = text
				}
			}
		}
		yield(voiceprovider.Transcript{Text: best, Final: true, Language: "en"}, nil)
	}
}

// respond answers the last message.
func (r *repertoire) respond(_ context.Context, req voiceprovider.Request) (voiceprovider.Chunk, error) {
	said := req.Messages[len(req.Messages)-1].Text
	reply, ok := r.replies[said]
	if !ok {
		return voiceprovider.Chunk{}, fmt.Errorf("agent: no answer to an utterance of %d words", len(strings.Fields(said)))
	}
	return voiceprovider.Chunk{
		Text: reply, FinishReason: "stop",
		Usage: &otelvoice.Usage{InputTokens: len(strings.Fields(said)), OutputTokens: len(strings.Fields(reply))},
	}, nil
}

// Synthesize returns the packets of a reply. The pipeline synthesizes sentence by sentence, and
// each reply is one sentence.
func (r *repertoire) Synthesize(_ context.Context, text iter.Seq[string]) iter.Seq2[voiceprovider.Frame, error] {
	return func(yield func(voiceprovider.Frame, error) bool) {
		for sentence := range text {
			for _, p := range r.voice[strings.TrimSpace(sentence)] {
				if !yield(voiceprovider.Frame{Format: opus.Format, Data: p}, nil) {
					return
				}
			}
		}
	}
}

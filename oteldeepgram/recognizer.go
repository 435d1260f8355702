// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package oteldeepgram

import (
	"context"
	"io"
	"sync"
	"time"

	listen "github.com/deepgram/deepgram-go-sdk/v3/pkg/api/listen/v1/websocket/interfaces"
	"github.com/deepgram/deepgram-go-sdk/v3/pkg/client/interfaces"

	"github.com/voice-agents/telemetry/otelvoice"
)

// provider is the gen_ai.provider.name of Deepgram.
const provider = "deepgram"

// A Recognizer is a [listen.LiveMessageCallback] that records what Deepgram reports and calls the
// program's callback with the same values. It is safe for concurrent use.
//
// An utterance begins at the first transcript that has words. Its start is that of SpeechStarted
// or of the first word, and its end that of the last word, as offsets in the audio that
// [Recognizer.Reader] or [Recognizer.Writer] counts. If neither is used, the turn has no end of
// speech, and the stage starts when SpeechStarted came. An utterance ends at speech_final, at UtteranceEnd, at
// the transcript that Finalize asked for, or with the connection. Its confidence is the mean of
// its final transcripts, by the number of their words.
//
// The utterance belongs to the session's newest open turn. If no turn is open, the Recognizer
// starts one, which is open when the program's callback is called:
//
//	turn := otelvoice.TurnFromContext(session.Context(ctx))
//
// The program ends it, like any turn. [WithTurn] chooses another turn, and [WithTurnPerUtterance] is
// for programs without turns.
type Recognizer struct {
	session  *otelvoice.Session
	callback listen.LiveMessageCallback
	config   config
	model    otelvoice.Model
	format   otelvoice.AudioFormat
	language string

	mu         sync.Mutex
	stream     *otelvoice.STTStream
	isOpen     bool  // The stream has not ended.
	err        error // The last error that was reported on the stream.
	requestID  string
	utterances map[int]*utterance // By the channel of the audio.
	started    map[int]time.Duration
	reported   map[int]time.Time // When SpeechStarted came.
	turns      *otelvoice.Turn   // The newest turn of WithTurnPerUtterance.
}

// Wrap returns a callback that records the connections and the utterances of a session. Call it just
// before the SDK's client is made, with the options of the client. A nil callback is allowed. With a
// nil session, only the callback is called.
func Wrap(session *otelvoice.Session, options *interfaces.LiveTranscriptionOptions, callback listen.LiveMessageCallback, opts ...Option) *Recognizer {
	r := &Recognizer{session: session, callback: callback, model: otelvoice.Model{Provider: provider}}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&r.config)
		}
	}
	if options != nil {
		r.model.Name, r.language, r.format = options.Model, options.Language, formatOf(options)
	}
	r.startStream()
	return r
}

// formatOf returns the format of the audio that is sent. It is unknown if the options do not say it,
// because Deepgram reads it in the header of the audio then.
func formatOf(options *interfaces.LiveTranscriptionOptions) otelvoice.AudioFormat {
	format := otelvoice.AudioFormat{Codec: options.Encoding, SampleRate: options.SampleRate, Channels: max(options.Channels, 1)}
	switch options.Encoding {
	case "":
		return otelvoice.AudioFormat{}
	case "linear16":
		format.Codec = otelvoice.CodecPCM16
	case "mulaw":
		format.Codec = otelvoice.CodecMuLaw
	case "alaw":
		format.Codec = otelvoice.CodecALaw
	}
	return format
}

// Reader returns a reader that counts the audio that is read through it, for the SDK's Stream.
func (r *Recognizer) Reader(from io.Reader) io.Reader { return reader{from, r} }

// Writer returns a writer that counts the audio that is written through it, for code that calls the
// SDK's Write.
func (r *Recognizer) Writer(to io.Writer) io.Writer { return writer{to, r} }

type reader struct {
	io.Reader
	recognizer *Recognizer
}

func (r reader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.recognizer.sent(p, n)
	return n, err
}

type writer struct {
	io.Writer
	recognizer *Recognizer
}

func (w writer) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	w.recognizer.sent(p, n)
	return n, err
}

func (r *Recognizer) sent(p []byte, n int) {
	if n <= 0 || n > len(p) { // A defective reader may return a wrong n.
		return
	}
	r.mu.Lock()
	stream := r.stream
	r.mu.Unlock()
	stream.AddAudio(p[:n])
}

// End ends the stream of a connection that was never opened, with the reason. The SDK reports no
// error to the callback if Connect returns false.
func (r *Recognizer) End(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end(err)
}

// startStream starts the stream of the next connection. The lock is held, or nothing else has the
// Recognizer yet.
func (r *Recognizer) startStream() {
	_, r.stream = r.session.StartSTTStream(r.session.Context(context.Background()), r.model)
	r.stream.SetAudio(r.format)
	r.isOpen, r.err, r.requestID = true, nil, ""
	r.utterances, r.started = make(map[int]*utterance, 1), make(map[int]time.Duration, 1)
	r.reported = make(map[int]time.Time, 1)
}

// end ends the utterances and the stream. The lock is held.
func (r *Recognizer) end(err error) {
	if !r.isOpen {
		return
	}
	r.isOpen = false
	if err == nil {
		err = r.err
	}
	for channel := range r.utterances {
		r.endUtterance(channel, err)
	}
	r.turns.End()
	r.stream.End(err)
}

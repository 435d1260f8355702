// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package deepgram

import (
	"strconv"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/recognition"
)

// The fields of a message of a recogniser.
const (
	resultFinal = msgFields + iota
	resultSpeechFinal
	resultFromFinalize
	resultDuration
	resultTimestamp
	resultLastWord
	resultChannel
	resultText
	resultConfidence
	resultLanguage
	resultStart
	resultEnd
)

var listenMessage = messagePlan(
	jsonscan.Field{Path: "is_final", ID: resultFinal},
	jsonscan.Field{Path: "speech_final", ID: resultSpeechFinal},
	jsonscan.Field{Path: "from_finalize", ID: resultFromFinalize},
	jsonscan.Field{Path: "duration", ID: resultDuration},
	jsonscan.Field{Path: "timestamp", ID: resultTimestamp},
	jsonscan.Field{Path: "last_word_end", ID: resultLastWord},
	jsonscan.Field{Path: "metadata.request_id", ID: msgRequestID},
	jsonscan.Field{Path: "metadata.model_info.name", ID: msgModel},
	jsonscan.Field{Path: "channel_index.*", ID: resultChannel}, // Of Results.
	jsonscan.Field{Path: "channel.*", ID: resultChannel},       // Of SpeechStarted and UtteranceEnd.
	jsonscan.Field{Path: "channel.detected_language", ID: resultLanguage},
	jsonscan.Field{Path: "channel.alternatives.*.transcript", ID: resultText, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "channel.alternatives.*.confidence", ID: resultConfidence},
	jsonscan.Field{Path: "channel.alternatives.*.languages.*", ID: resultLanguage},
	jsonscan.Field{Path: "channel.alternatives.*.words.*.start", ID: resultStart},
	jsonscan.Field{Path: "channel.alternatives.*.words.*.end", ID: resultEnd},
)

// endpointing is the silence after which Deepgram takes speech as ended if the query does not say it.
const endpointing = 10 * time.Millisecond

// maxChannels is how many channels of audio have a state. Those behind them share the last one.
const maxChannels = 16

// listenStream decodes the transcription of a stream. An utterance has any number of final results.
// It is committed by the first of: a result with speech_final; a result that answers Finalize, by
// which the program says that the user's turn is complete; UtteranceEnd. An utterance without words
// is not committed.
type listenStream struct {
	session

	input             *recognition.Input
	utterance         recognition.Utterance
	channel, channels int
	isOpen            [maxChannels]bool // The channel has words that were not committed.
}

func newListenStream(target *wire.Target, report wire.Report) *listenStream {
	l := &listenStream{session: newSession(target, wire.STT, report)}
	l.message = fields.New(listenMessage, l.value)
	l.input = recognition.NewInput(&l.Base)
	l.ask()
	q := target.Query
	switch silence := q.Get("endpointing"); silence {
	case "", "true":
		l.Request.Hangover = endpointing
	case "false":
		l.Request.Hangover = time.Duration(positive(q.Get("utterance_end_ms"))) * time.Millisecond
	default:
		l.Request.Hangover = time.Duration(positive(silence)) * time.Millisecond
	}
	return l
}

// ask reads the parameters of a recogniser in the query.
func (s *session) ask() {
	q := s.Target.Query
	s.Request.Model = q.Get("model")
	if s.Request.Language = q.Get("language"); s.Request.Language == "multi" {
		s.Request.Language = ""
	}
	if encoding := q.Get("encoding"); encoding != "" {
		s.Request.Format = audioformat.OfName(encoding)
	}
	if rate := positive(q.Get("sample_rate")); rate > 0 {
		s.Request.Format.SampleRate = rate
	}
	s.Request.Format.Channels = positive(q.Get("channels"))
	if s.Request.Format.Codec != "" && s.Request.Format.Channels == 0 {
		s.Request.Format.Channels = 1
	}
}

// Message reads a message.
func (l *listenStream) Message(m wire.Message) {
	defer l.message.Release()
	switch {
	case m.Sent && m.Binary:
		l.input.Read(m.Data)
	case m.Sent:
		l.Asked()
		l.sent(m.Data)
	case m.Binary:
		l.NotUnderstood("content")
	default:
		l.Asked()
		l.received(m.Data)
	}
}

// Closed reads the end of the connection.
func (l *listenStream) Closed() { l.Asked() }

func (s *session) sent(data []byte) {
	if !s.read(data) {
		return
	}
	switch string(s.message.Text(msgType)) {
	case "KeepAlive", "Finalize", "CloseStream", "Configure", "ForceEndTurn":
	default:
		s.NotUnderstood("event")
	}
}

func (l *listenStream) received(data []byte) {
	l.utterance.Reset()
	l.channel, l.channels = 0, 1
	if !l.read(data) {
		return
	}
	switch string(l.message.Text(msgType)) {
	case "Results":
		l.answered()
		l.result()
	case "SpeechStarted":
		l.Send(wire.Event{Kind: wire.SpeechStarted, Of: l.of(), Speech: at(l.seconds(resultTimestamp))})
	case "UtteranceEnd":
		if l.isOpen[l.slot()] { // It says nothing new of an utterance that was committed.
			l.Send(wire.Event{Kind: wire.SpeechStopped, Of: l.of(), Speech: at(l.seconds(resultLastWord))})
			l.commit()
		}
	case "Metadata":
		l.answered()
		if d, ok := l.seconds(resultDuration); ok && d > 0 {
			l.Send(wire.Event{Kind: wire.Billed, Audio: d})
		}
	case "ConfigureSuccess":
	case "ConfigureFailure": // The stream goes on with the parameters that it has.
		l.refused()
	case "Error":
		l.failed("")
	case "":
		if l.message.Has(msgDescription) || l.message.Has(msgCode) {
			l.failed("")
			return
		}
		l.NotUnderstood("event")
	default:
		l.NotUnderstood("event")
	}
}

// result reports a transcript. An interim one without words is not reported: Deepgram sends them for
// as long as the user is silent.
func (l *listenStream) result() {
	kind, audio := wire.Partial, time.Duration(0)
	if l.message.True(resultFinal) {
		kind = wire.Final
		audio, _ = l.seconds(resultDuration)
	}
	if l.utterance.HasText() {
		l.isOpen[l.slot()] = true
	} else if kind == wire.Partial {
		return
	}
	l.utterance.ReportOf(&l.Base, kind, l.of(), audio)
	if l.message.True(resultSpeechFinal) || l.message.True(resultFromFinalize) {
		l.commit()
	}
}

func (l *listenStream) commit() {
	if l.isOpen[l.slot()] {
		l.isOpen[l.slot()] = false
		l.Send(wire.Event{Kind: wire.Committed, Of: l.of()})
	}
}

// slot returns the index of the channel's state.
func (l *listenStream) slot() int { return min(max(l.channel, 0), maxChannels-1) }

// of returns the name of the channel, if there are several.
func (l *listenStream) of() string {
	if l.channels < 2 {
		return ""
	}
	return strconv.Itoa(l.slot()) // A number below 100 is not allocated.
}

// value reads a value of a message. Alternatives behind the first are not read.
func (l *listenStream) value(v *jsonscan.Value) {
	isFirst := v.Index[0] == 0
	switch v.Field {
	case resultChannel:
		if n, err := strconv.Atoi(string(v.Text)); err == nil && v.Kind == jsonscan.Number {
			if isFirst {
				l.channel = n
			} else if v.Index[0] == 1 {
				l.channels = n
			}
		}
	case resultLanguage:
		if isFirst && v.Index[1] == 0 && v.Kind == jsonscan.String {
			wire.Set(&l.utterance.Language, v.Text)
		}
	case resultText:
		if isFirst {
			l.utterance.Text(&l.Base, v)
		}
	case resultConfidence:
		if isFirst {
			l.utterance.Confidence(v)
		}
	case resultStart:
		if isFirst {
			l.utterance.Start(v, time.Second)
		}
	case resultEnd:
		if isFirst {
			l.utterance.End(v, time.Second)
		}
	}
}

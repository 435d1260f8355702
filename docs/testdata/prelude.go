// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// The imports and declarations that the code blocks of the pages use.
package page

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/exporters/profile"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/wer"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/redact"
	"github.com/voice-agents/telemetry/redact/redacttrace"
)

var (
	ctx     context.Context
	err     error
	mux     *http.ServeMux
	tel     *voicesdk.SDK
	session *otelvoice.Session
	turn    *otelvoice.Turn
	stt     *otelvoice.STT
	llm     *otelvoice.LLM
	tts     *otelvoice.TTS
	tool    *otelvoice.Tool

	nova3, gpt, haiku, sonic3 otelvoice.Model
	question, reply, sentence string
	arguments, output         string
	reported, stopped         time.Time
	startedAt                 time.Time
	hangover, took            time.Duration
	n                         int

	recognizer, deepgram voiceprovider.Transcriber
	openai, anthropic    voiceprovider.Responder
	cartesia             voiceprovider.Synthesizer
	pipeline             *voicepipe.Pipeline
	events               <-chan voicepipe.Event
	audio                iter.Seq[voiceprovider.Frame]
	line                 voicepipe.Output
	history              []voiceprovider.Message

	tracerProvider *sdktrace.TracerProvider
	meterProvider  metric.MeterProvider
	loggerProvider log.LoggerProvider
	exporter       sdktrace.SpanExporter
	client         *http.Client
	phone          http.Handler
	conn           net.Conn
	format         otelvoice.AudioFormat
	existing       http.RoundTripper
	url            string
	body           io.Reader
	hashKey        []byte

	t       *testing.T
	kitchen struct {
		Cook func(context.Context, string) (string, error)
	}
)

func transcribe(context.Context) (string, error)                    { return "", nil }
func answer(context.Context, string) iter.Seq2[string, error]       { return nil }
func speak(context.Context, iter.Seq2[string, error], func()) error { return nil }
func loadMenu(context.Context) ([]string, error)                    { return nil, nil }
func speakIn(context.Context)                                       {}
func onSpeech(func())                                               {}
func runCall(context.Context, *voicesdk.SDK)                        {}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket_test

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

// media is a message of Twilio with 20 ms of audio.
var media = `{"event":"media","sequenceNumber":"4","media":{"track":"inbound","chunk":"2","timestamp":"20","payload":"` +
	strings.Repeat("/v7+", 54) + `"},"streamSid":"MZXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"}`

// traffic is what the benchmarks decode.
var traffic = []struct {
	name   string
	config websocket.Config
	frame  []byte
}{
	{"media text, server", websocket.Config{}, frame(fin|text, false, media)},
	{"media text, client", websocket.Config{Client: true}, frame(fin|text, true, media)},
	{"160 bytes, server", websocket.Config{}, frame(fin|binaryFrame, false, media[:160])},
	{"160 bytes, client", websocket.Config{Client: true}, frame(fin|binaryFrame, true, media[:160])},
}

func BenchmarkDecoder(b *testing.B) {
	for _, traffic := range traffic {
		b.Run(traffic.name, func(b *testing.B) {
			b.ReportAllocs()
			d := websocket.NewDecoder(traffic.config, func(*websocket.Event) {})
			for b.Loop() {
				d.Feed(traffic.frame)
			}
		})
	}
	for _, name := range []string{"media text, compressed", "media text, compressed without takeover"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			compressed := frame(fin|rsv1|text, false, newDeflater(b).message(b, media))
			config := websocket.Config{Deflate: true, NoContext: strings.HasSuffix(name, "takeover")}
			d := websocket.NewDecoder(config, func(*websocket.Event) {})
			for b.Loop() {
				d.Feed(compressed)
			}
		})
	}
}

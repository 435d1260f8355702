// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assemblyai

import (
	"net/http"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// The fields of a request for a transcript.
const (
	askModel = iota
	askModels
	askLanguage
)

var request = jsonscan.NewPlan(
	jsonscan.Field{Path: "speech_model", ID: askModel},
	jsonscan.Field{Path: "speech_models.*", ID: askModels}, // By their priority.
	jsonscan.Field{Path: "language_code", ID: askLanguage},
)

// creation decodes the creation of a transcript, or a poll of one, which has no body.
type creation struct {
	exchange

	sent *jsonscan.Scanner
}

func newCreation(target *wire.Target, report wire.Report) *creation {
	c := &creation{exchange: exchange{Base: wire.NewBase(target, wire.STT, report)}}
	c.sent = jsonscan.NewScanner(request, c.asked)
	c.body = body.NewReader(response, c)
	return c
}

func (c *creation) asked(v *jsonscan.Value) {
	if v.Kind != jsonscan.String {
		return
	}
	switch v.Field {
	case askModel:
		wire.Set(&c.Request.Model, v.Text)
	case askModels:
		if c.Request.Model == "" {
			wire.Set(&c.Request.Model, v.Text)
		}
	case askLanguage:
		wire.Set(&c.Request.Language, v.Text)
	}
}

// Sent reads a piece of the request.
func (c *creation) Sent(p []byte) {
	if !c.IsAsked() {
		c.sent.Scan(p)
	}
}

// SentAll reports the request.
func (c *creation) SentAll() {
	if c.IsAsked() {
		return
	}
	c.Asked()
	if c.sent.Broken() {
		c.NotUnderstood("json")
	}
}

// Answered begins to read the response.
func (c *creation) Answered(status int, h http.Header) {
	c.SentAll()
	c.answered(status, h)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/mediastream"
)

// relayReceived reads a message of ConversationRelay, which Telnyx has, too. The line recognises the caller's speech and
// speaks the agent's text.
func (c *connection) relayReceived(f *fields.Message) {
	switch string(f.Text(kind)) {
	case "setup":
		var p mediastream.Parameters
		p.AddJSON(f.Raw(relayParameters))
		call := wire.Call{
			Provider: provider, ID: string(f.Text(relayCall)), Stream: string(f.Text(relaySession)),
			From: string(f.Text(relayFrom)), To: string(f.Text(relayTo)), Parameters: p,
		}
		if f.Has(relayControl) {
			call.Provider, call.ID = telnyx, string(f.Text(relayControl))
		}
		c.Start(call)
	case "prompt":
		c.transcript(f)
	case "interrupt":
		e := wire.Event{Kind: wire.Interrupted}
		if ms, ok := f.Int(played); ok && ms > 0 && ms < int64(time.Hour/time.Millisecond) {
			e.Audio = time.Duration(ms) * time.Millisecond
		}
		c.Send(e)
	case "dtmf":
		c.Key(f.Text(relayDigit))
	case "error":
		c.Send(wire.Event{Kind: wire.Failed, Name: "error", Text: f.Text(description)})
	case "info":
		c.info(f)
	default:
		c.NotUnderstood("event")
	}
}

func (c *connection) transcript(f *fields.Message) {
	e := wire.Event{Kind: wire.Final, Characters: f.Runes(prompt), Speech: wire.Speech{Language: string(f.Text(lang))}}
	if f.Has(last) && !f.True(last) {
		e.Kind = wire.Partial
	}
	if c.Target.Content {
		e.Text = f.Text(prompt)
	}
	c.Send(e)
}

// info reads a message that is sent if the program asked for "debug" events.
func (c *connection) info(f *fields.Message) {
	var e wire.Event
	switch name, isOn := string(f.Text(infoName)), f.Is(infoValue, "on"); {
	case !isOn && !f.Is(infoValue, "off"):
		return
	case name == "clientSpeaking" && isOn:
		e.Kind = wire.SpeechStarted
	case name == "clientSpeaking":
		e.Kind = wire.SpeechStopped
	case name == "agentSpeaking" && isOn:
		e.Kind = wire.Playing
	case name == "agentSpeaking":
		e.Kind = wire.Played
	default:
		return
	}
	c.Send(e)
}

func (c *connection) relaySent(f *fields.Message) {
	switch string(f.Text(kind)) {
	case "text":
		if f.Runes(token) == 0 {
			return // The end of an answer.
		}
		e := wire.Event{Kind: wire.TextSent, Characters: f.Runes(token)}
		if c.Target.Content {
			e.Text = f.Text(token)
		}
		c.Send(e)
	case "end":
		c.Stop([]byte(mediastream.Program))
	case "play", "sendDigits", "language":
	default:
		c.NotUnderstood("event")
	}
}

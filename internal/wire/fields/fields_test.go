// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package fields_test

import (
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

const (
	event = iota
	payload
	timestamp
	final
	word
)

func newMessage() *fields.Message {
	return fields.New(fields.NewPlan(
		jsonscan.Field{Path: "event", ID: event},
		jsonscan.Field{Path: "media.payload", ID: payload, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "media.timestamp", ID: timestamp},
		jsonscan.Field{Path: "is_final", ID: final},
		jsonscan.Field{Path: "words.*.end", ID: word},
	), nil)
}

func TestRead(t *testing.T) {
	m := newMessage()
	for _, tt := range []struct {
		name, message string
		want          bool
	}{
		{"a message", `{"media":{"payload":"//8=","timestamp":"20"},"event":"media","is_final":true,"words":[{"end":0.5},{"end":1.5}]}`, true},
		{"white space around it", " {} \n", true},
		{"nothing", "", false},
		{"half a message", `{"event":"me`, false},
		{"two messages", `{}{}`, false},
		{"text", `hello`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := m.Read([]byte(tt.message)); got != tt.want {
				t.Errorf("Read is %v, want %v", got, tt.want)
			}
		})
	}
}

func TestValues(t *testing.T) {
	m := newMessage()
	for range 3 { // The second and third are compared with the first.
		if !m.Read([]byte(`{"media":{"payload":"AA\/=","timestamp":"20"},"event":"media","is_final":true,"words":[{"end":0.5},{"end":1.5}]}`)) {
			t.Fatal("not read")
		}
		if got := string(m.Text(payload)); got != "AA/=" {
			t.Errorf("payload %q", got)
		}
		if !m.Is(event, "media") || m.Is(event, "mark") || !m.True(final) || !m.Has(word) {
			t.Error("wrong values")
		}
		if n, ok := m.Int(timestamp); n != 20 || !ok {
			t.Errorf("timestamp %d, %v", n, ok)
		}
		if f, ok := m.Float(word); f != 1.5 || !ok {
			t.Errorf("word %v, %v", f, ok)
		}
	}
	if !m.Read([]byte(`{"event":null}`)) || m.Has(event) || m.Has(payload) || m.Text(event) != nil {
		t.Error("values of the previous message are held")
	}
}

func TestReadAllocatesNothing(t *testing.T) {
	m := newMessage()
	frames := [][]byte{
		[]byte(`{"event":"media","media":{"payload":"//8=","timestamp":"20"}}`),
		[]byte(`{"event":"media","media":{"payload":"AAAA","timestamp":"40"}}`),
	}
	i := 0
	if n := wiretest.Allocs(100, func() {
		m.Read(frames[i%2])
		i++
	}); n != 0 {
		t.Errorf("%v allocations a message", n)
	}
}

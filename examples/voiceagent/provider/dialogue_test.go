// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"strings"
	"testing"
)

func user(texts ...string) []message {
	var list []message
	for _, text := range texts {
		list = append(list, message{Role: "user", Content: content(text)})
	}
	return list
}

func TestBookingIsReadFromTheConversation(t *testing.T) {
	tests := []struct {
		name       string
		said       []string
		want       string // the tool's arguments
		spokenText string // in words
	}{
		{
			"all at once",
			[]string{"I would like to book a table for four, tomorrow at seven."},
			`{"date":"tomorrow","time":"19:00","party_size":4}`, "table for four tomorrow at seven",
		},
		{
			"changed by a barge-in",
			[]string{"A table for four, tomorrow at seven.", "Wait, actually make it eight o'clock."},
			`{"date":"tomorrow","time":"20:00","party_size":4}`, "table for four tomorrow at eight",
		},
		{
			"in digits",
			[]string{"Book for 13 guests on Sunday at 19"},
			`{"date":"sunday","time":"19:00","party_size":13}`, "table for 13 on Sunday at seven",
		},
		{"nothing known", []string{"I want to book."}, `{}`, "table"},
		{"no such hour", []string{"a table at 99"}, `{}`, "table"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := readBooking(user(tt.said...))
			if got := b.arguments(); got != tt.want {
				t.Errorf("arguments:\ngot  %s\nwant %s", got, tt.want)
			}
			if got := b.table(); got != tt.spokenText {
				t.Errorf("got %q, want %q", got, tt.spokenText)
			}
		})
	}
}

func TestReplies(t *testing.T) {
	tests := []struct {
		said string
		want string // part of the reply, or the tool
	}{
		{"Hello, what time do you open for dinner on Sunday?", "half past five"},
		{"I would like to book a table for four, tomorrow at seven.", toolCheckAvailability},
		{"Wait, actually make it eight o'clock.", toolCheckAvailability},
		{"My daughter is allergic to nuts, is that a problem?", "kitchen"},
		{"The name is Morgan.", "is booked"},
		{"Is there parking at the hotel?", "garage"},
		{"Yes please, that is perfect.", "What name"},
		{"Thank you very much, goodbye.", "Goodbye!"},
		{"", "still there"},
		{"Colorless green ideas", "once more"},
	}
	for _, tt := range tests {
		t.Run(tt.said, func(t *testing.T) {
			got := reply(user(tt.said), true)
			text := got.text
			if got.call != nil {
				text = got.call.Name
			}
			if !strings.Contains(text, tt.want) {
				t.Errorf("got %q, want %q in it", text, tt.want)
			}
		})
	}
	if got := reply(user("Book a table"), false); got.call != nil {
		t.Errorf("called %s, which was not offered", got.call.Name)
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// booking is the caller's request so far. Zero fields are unknown.
type booking struct {
	Date      string `json:"date,omitempty"` // as the caller said it: "tomorrow"
	Time      string `json:"time,omitempty"` // 24 hours: "19:00"
	PartySize int    `json:"party_size,omitempty"`
}

// readBooking collects the booking from what the user said. What was said
// later wins: "actually, make it eight".
func readBooking(messages []message) booking {
	var b booking
	for _, m := range messages {
		if m.Role == "user" {
			b.hear(string(m.Content))
		}
	}
	return b
}

func (b *booking) hear(text string) {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return strings.ContainsRune(" ,.!?;\n\t", r)
	})
	var before string
	for i, word := range words {
		after := ""
		if i+1 < len(words) {
			after = words[i+1]
		}
		switch word {
		case "today", "tonight", "tomorrow", "monday", "tuesday", "wednesday",
			"thursday", "friday", "saturday", "sunday":
			b.Date = word
		}
		if n, ok := number(word); ok {
			switch {
			case after == "o'clock" || before == "at" || before == "it":
				b.Time = evening(n)
			case before == "for" || after == "people" || after == "guests" || after == "persons":
				b.PartySize = n
			}
		}
		before = word
	}
}

// arguments returns the booking as a tool call's arguments.
func (b booking) arguments() string {
	data, err := json.Marshal(b)
	if err != nil {
		return "{}" // strings and an int always encode
	}
	return string(data)
}

// table returns the booking as text: "table for four tomorrow at seven".
func (b booking) table() string {
	s := "table"
	if b.PartySize > 0 {
		s += " for " + spoken(b.PartySize)
	}
	switch {
	case strings.HasSuffix(b.Date, "day") && b.Date != "today":
		s += " on " + strings.ToUpper(b.Date[:1]) + b.Date[1:]
	case b.Date != "":
		s += " " + b.Date
	}
	if hour, _, ok := strings.Cut(b.Time, ":"); ok {
		if n, err := strconv.Atoi(hour); err == nil {
			s += " at " + spoken((n+11)%12+1)
		}
	}
	return s
}

// evening returns the time of a dinner at an hour that was said: five is 17:00.
func evening(hour int) string {
	if hour < 12 {
		hour += 12
	}
	return fmt.Sprintf("%02d:00", hour)
}

// numerals returns the words for one and up.
func numerals() []string {
	return []string{
		"one", "two", "three", "four", "five", "six",
		"seven", "eight", "nine", "ten", "eleven", "twelve",
	}
}

// number reads a numeral or digits from 1 to 23, the largest value of an hour or a table.
func number(word string) (int, bool) {
	if i := slices.Index(numerals(), word); i >= 0 {
		return i + 1, true
	}
	n, err := strconv.Atoi(word)
	return n, err == nil && n >= 1 && n <= 23
}

// spoken returns a number as words.
func spoken(n int) string {
	if words := numerals(); n >= 1 && n <= len(words) {
		return words[n-1]
	}
	return strconv.Itoa(n)
}

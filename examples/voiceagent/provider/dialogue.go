// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"encoding/json"
	"strings"
)

// toolCheckAvailability is the one tool that the model knows to call. It
// answers {"available": true} or {"available": false}.
const toolCheckAvailability = "check_availability"

// answer is the model's text or, if call is not nil, its tool call.
type answer struct {
	text string
	call *functionCall
}

// reply returns the model's answer to the last message. It is selected by keywords; a table is
// looked up before it is promised.
func reply(messages []message, mayCall bool) answer {
	last := messages[len(messages)-1]
	wanted := readBooking(messages)
	if last.Role == "tool" {
		return answer{text: afterLookup(last.Content, wanted)}
	}
	heard := strings.ToLower(string(last.Content))
	says := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(heard, w) {
				return true
			}
		}
		return false
	}
	switch {
	case strings.TrimSpace(heard) == "":
		return answer{text: "Are you still there? I did not hear anything."}
	case says("book", "reserve", "reservation", "a table", "make it", "instead"):
		if mayCall {
			return answer{call: &functionCall{toolCheckAvailability, wanted.arguments()}}
		}
		return answer{text: "I would love to book that for you, but I cannot see the table book right now."}
	case says("goodbye", "bye", "thank"):
		return answer{text: "Thank you for calling. We look forward to seeing you. Goodbye!"}
	case says("name is", "under the name", "my name"):
		return answer{text: "Thank you. Your " + wanted.table() + " is booked. Is there anything else I can do for you?"}
	case says("allerg", "nuts", "vegan", "vegetarian", "gluten"):
		return answer{text: "That is no problem at all. I will tell the kitchen, and they will cook without it."}
	case says("open", "hours", "close"):
		return answer{text: "We open for dinner at half past five every day, and at noon on Sundays. The kitchen closes at ten."}
	case says("park"):
		return answer{text: "Yes, there is a garage under the hotel. It is free for our dinner guests."}
	case says("yes", "perfect", "great", "sounds good"):
		return answer{text: "Wonderful. What name should I put it under?"}
	case says("hello", "good evening", "good morning"):
		return answer{text: "Good evening, this is the concierge. How can I help you?"}
	default:
		return answer{text: "I am sorry, I did not catch that. Could you say it once more?"}
	}
}

// afterLookup returns the answer after the tool's result.
func afterLookup(result content, wanted booking) string {
	var found struct {
		Available *bool `json:"available"`
	}
	switch err := json.Unmarshal([]byte(result), &found); {
	case err != nil || found.Available == nil:
		return "I am sorry, I cannot reach the table book right now. May I call you back in a minute?"
	case *found.Available:
		return "Good news, we have a " + wanted.table() + ". Shall I book it for you?"
	default:
		return "I am sorry, there is no " + wanted.table() + " left. Would another time suit you?"
	}
}

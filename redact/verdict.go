// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/attrkey"
	"github.com/voice-agents/telemetry/semconv"
)

// What the key of an attribute decides.
const (
	secret  attrkey.Verdict = 1 << iota // The value is secret.
	whose                               // The value says who somebody is, and is to be hashed.
	recurs                              // The value is an id, which comes again and again.
	anybody attrkey.Verdict = 0
)

func (r *Redactor) judge(key attribute.Key) attrkey.Verdict {
	switch {
	case r.keys.has(string(key)):
		return secret
	case len(r.userKey) > 0 && isUserID(key):
		return whose
	case len(r.custom) == 0 && isID(key): // What a function of the user's finds may change.
		return recurs
	}
	return anybody
}

// isID reports whether a key is that of an id which the attributes of a call have in common.
func isID(key attribute.Key) bool {
	switch key {
	case semconv.SessionIDKey, semconv.GenAIConversationIDKey, semconv.VoiceCorrelationIDKey, semconv.VoiceTurnIDKey,
		semconv.VoiceRequestIDKey, semconv.VoicePipelineIDKey, semconv.UserIDKey:
		return true
	}
	return false
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// What the key of an attribute decides.
const (
	secret  logrecord.Verdict = 1 << iota // The value is secret.
	whose                                 // The value is a user's id, and is to be hashed.
	recurs                                // The value comes again and again.
	named                                 // The key holds a secret itself.
	anybody logrecord.Verdict = 0
)

// judge is asked once of most keys.
func (r *Redactor) judge(key attribute.Key) logrecord.Verdict {
	verdict := anybody
	if key != "" && r.text("", string(key)) != string(key) {
		verdict = named
	}
	switch {
	case r.scanner.IsSecret(string(key)):
		return verdict | secret
	case len(r.userKey) > 0 && isUserID(key):
		return verdict | whose
	case verdict == anybody && len(r.custom) == 0 && recurring(key): // What a function of the user's finds may change.
		return recurs
	}
	return verdict
}

// recurring reports whether a key is that of what the spans and records of a call, or of an
// agent, have in common: the same text, at the same place in memory.
func recurring(key attribute.Key) bool {
	switch key {
	case semconv.SessionIDKey, semconv.GenAIConversationIDKey, semconv.VoiceCorrelationIDKey, semconv.VoiceTurnIDKey,
		semconv.VoiceRequestIDKey, semconv.VoicePipelineIDKey, semconv.UserIDKey,
		semconv.GenAIProviderNameKey, semconv.GenAIRequestModelKey, semconv.GenAISpeechVoiceKey:
		return true
	}
	return false
}

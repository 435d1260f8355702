// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redaction

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// The verdicts about the key of an attribute.
const (
	secretValue logrecord.Verdict = 1 << iota // The value is secret.
	userID                                    // The value is a user ID that is to be hashed.
	cached                                    // The value repeats, and the result of its scan is cached.
	secretKey                                 // The key itself contains a secret.
)

// decide looks at a key. The table keeps the decision, so that it is called about once per key.
func (e *Engine) decide(key attribute.Key) (decision logrecord.Verdict) {
	if key != "" && e.text("", string(key)) != string(key) {
		decision = secretKey
	}
	switch {
	case e.scanner.IsSecret(string(key)):
		return decision | secretValue
	case len(e.userKey) > 0 && isUserID(key):
		return decision | userID
	case decision == 0 && len(e.funcs) == 0 && repeats(key): // The result of a user's function may change.
		return cached
	}
	return decision
}

// repeats reports whether the spans and records of a session, or of an agent, have the same values
// of this key.
func repeats(key attribute.Key) bool {
	switch key {
	case semconv.SessionIDKey, semconv.GenAIConversationIDKey, semconv.VoiceCorrelationIDKey, semconv.VoiceTurnIDKey,
		semconv.VoiceRequestIDKey, semconv.VoicePipelineIDKey, semconv.UserIDKey,
		semconv.GenAIProviderNameKey, semconv.GenAIRequestModelKey, semconv.GenAISpeechVoiceKey,
		semconv.GenAIAgentNameKey, semconv.GenAIAgentVersionKey, semconv.VoiceExperimentKey,
		semconv.URLFullKey, semconv.ServerAddressKey: // Of the requests to an agent's providers.
		return true
	}
	return false
}

// Key returns the key of an attribute without secrets. A [Func] gets it as free text.
func (e *Engine) Key(key attribute.Key) attribute.Key {
	if e == nil || e.keys.Of(key).Verdict&secretKey == 0 {
		return key
	}
	return attribute.Key(e.text("", string(key)))
}

// AlwaysChanges reports whether attributes with this key are redacted or hashed regardless of their
// values, or the key itself is. Of other attributes, texts are for [Engine.Text], and numbers of fewer
// than 13 digits need no redaction.
func (e *Engine) AlwaysChanges(key attribute.Key) bool {
	return e != nil && e.decide(key)&(secretValue|userID|secretKey) != 0
}

// CachesValues reports whether values of this key repeat across spans and records (session IDs, model
// names), so that the result of their scan is cached; see [Engine.IsKnownClean].
func (e *Engine) CachesValues(key attribute.Key) bool {
	return e != nil && e.decide(key) == cached
}

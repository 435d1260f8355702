// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/redaction"
)

// Redacted replaces a value whose key says that it is secret.
const Redacted = redaction.Redacted

// A Redactor removes secrets from text and attributes. [New] makes one. It never changes and is safe
// for concurrent use. A nil Redactor changes nothing.
type Redactor redaction.Engine

// New returns a redactor with the rules, in any order. The rules of [Default] are not implied.
func New(rules ...Rule) *Redactor {
	var cfg redaction.Config
	for _, rule := range rules {
		if rule.apply != nil {
			rule.apply(&cfg)
		}
	}
	return (*Redactor)(redaction.New(cfg))
}

func (r *Redactor) engine() *redaction.Engine { return (*redaction.Engine)(r) }

// String returns free text without secrets: a message, the text of an error.
func (r *Redactor) String(s string) string { return r.engine().String(s) }

// Text returns the text of an attribute without secrets.
func (r *Redactor) Text(key attribute.Key, s string) string { return r.engine().Text(key, s) }

// Key returns the key of an attribute without secrets. Functions of [Func] get it as free text.
func (r *Redactor) Key(key attribute.Key) attribute.Key { return r.engine().Key(key) }

// Attribute returns kv without secrets, and whether it changed. The value of a secret key becomes
// [REDACTED], whatever its type; true and false stay. A secret in a key, such as an e-mail address,
// is replaced in the key: [REDACTED:email]. A whole number of 14 to 19 digits that is a card number
// becomes a text. In a list, the element after a flag such as --password becomes [REDACTED].
func (r *Redactor) Attribute(kv attribute.KeyValue) (attribute.KeyValue, bool) {
	return r.engine().Attribute(kv)
}

// Attributes returns attrs without secrets, and whether any changed. The slice is copied only if so;
// the argument is never written to. Keys that become equal are numbered in the order of the list, so
// that no attribute replaces another: [REDACTED:email], [REDACTED:email]_2. The same holds for the
// keys of maps.
func (r *Redactor) Attributes(attrs []attribute.KeyValue) ([]attribute.KeyValue, bool) {
	return r.engine().Attributes(attrs)
}

// Value returns a value without a key, such as the body of a log record, without secrets, and
// whether it changed.
func (r *Redactor) Value(v attribute.Value) (attribute.Value, bool) { return r.engine().Value(v) }

// A Finding is a part of a text that a [Redactor] removes.
type Finding struct {
	// Begin and End are where the part begins and ends, in bytes.
	Begin, End int
	// Rule names the kind of secret, as the mark does: email, phone, card, token, api_key,
	// private_key, or the name of a [Pattern]. It is key for the value of a secret key, url for the
	// user and password of a URL, and value for one of [Values].
	Rule string
	// Key is the name in front of the value, if the rule is key.
	Key string
	// Mark replaces the part: [REDACTED:email], or "[REDACTED]" with its quotes if the text is JSON
	// and the value was a list.
	Mark string
}

// Findings returns what the redactor removes from free text, in order and without overlaps. What a
// [Func] changes is not among it. Findings is for showing what the rules do; it takes longer than
// [Redactor.String].
func (r *Redactor) Findings(s string) []Finding {
	found := r.engine().Findings(s)
	if len(found) == 0 {
		return nil
	}
	list := make([]Finding, len(found))
	for i, f := range found {
		list[i] = Finding(f)
	}
	return list
}

// NewTracerProvider returns a tracer provider whose spans are passed to next without secrets: names
// of tracers and spans, attributes, events, links and status, as they are set. The resource is next's
// own; see package redacttrace. Use it for a provider that is made elsewhere, where no span processor
// of package redacttrace can be put in front of its processors. It costs one allocation a span. Text
// that is not valid UTF-8 gets U+FFFD in place of the invalid bytes. With a nil Redactor it returns
// next.
//
// otelvoice.New and voicesdk.Setup do this to a tracer provider that is passed to them. Spans that are
// started with next directly are not redacted.
func NewTracerProvider(r *Redactor, next trace.TracerProvider) trace.TracerProvider {
	return redaction.NewTracerProvider(r.engine(), next)
}

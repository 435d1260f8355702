// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"fmt"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// A Profile is the vocabulary of another project. The zero Profile changes nothing.
type Profile uint8

const (
	// Langfuse is the attributes langfuse.* of its OpenTelemetry endpoint.
	Langfuse Profile = iota + 1
	// OpenInference is the semantic conventions of OpenInference, which Arize Phoenix and Arize AX read.
	OpenInference
	// LiveKit is the span names and attributes lk.* of LiveKit Agents. Delays are in seconds, as its source documents.
	LiveKit
)

// none is the name of the zero Profile.
const none = "none"

// Profiles returns all profiles.
func Profiles() []Profile { return []Profile{Langfuse, OpenInference, LiveKit} }

// String returns the name of the profile: langfuse, openinference, livekit, or none.
func (p Profile) String() string {
	switch p {
	case Langfuse:
		return "langfuse"
	case OpenInference:
		return "openinference"
	case LiveKit:
		return "livekit"
	}
	return none
}

// Parse returns the profile with a name, in either case.
func Parse(name string) (Profile, error) {
	for _, p := range append(Profiles(), 0) {
		if strings.EqualFold(name, p.String()) {
			return p, nil
		}
	}
	return 0, fmt.Errorf("profile %q: want langfuse, openinference, livekit or none", name)
}

// Append appends the spans that a span becomes to dst. It does not change the span. A profile adds at most 40 spans
// for one. It is safe for concurrent use.
func (p Profile) Append(dst []sdktrace.ReadOnlySpan, s sdktrace.ReadOnlySpan) []sdktrace.ReadOnlySpan {
	if p == 0 {
		return append(dst, s)
	}
	of := sourceOf(s)
	if of.kind == 0 {
		return append(dst, s)
	}
	switch p {
	case Langfuse:
		return append(dst, of.with(langfuseRules))
	case OpenInference:
		return append(dst, of.with(openInferenceRules))
	case LiveKit:
		return of.appendLiveKit(dst)
	}
	return append(dst, s)
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// What the conventions call methods that are not known.
const (
	otherMethod     = "_OTHER"
	otherMethodName = "HTTP" // In names of spans.
)

// maxMethod bounds what is recorded of a method that is not known.
const maxMethod = 32

// method is the method of a request as the conventions want it: anybody can make
// methods up, and they must not become names of spans or attributes of metrics.
type method struct {
	name     string // A known one, or _OTHER.
	original string // What was sent, if that is something else.
}

// methodOf returns the method of a request. A client's "" is GET.
func methodOf(sent string) method {
	switch sent {
	case "":
		return method{name: http.MethodGet}
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method{name: sent}
	}
	m := method{name: otherMethod, original: strings.Clone(cleantext.Head(sent, maxMethod))}
	if len(sent) <= maxMethod {
		if upper := strings.ToUpper(sent); upper != sent {
			if known := methodOf(upper); known.original == "" {
				m.name = known.name
			}
		}
	}
	return m
}

// spanName returns the method as names of spans have it.
func (m method) spanName() string {
	if m.name == otherMethod {
		return otherMethodName
	}
	return m.name
}

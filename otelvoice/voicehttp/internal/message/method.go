// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package message

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// OtherMethod is the name of unknown methods in attributes, by the conventions.
const OtherMethod = "_OTHER"

// otherMethodName is the name of unknown methods in span names, by the conventions.
const otherMethodName = "HTTP"

// maxMethod bounds the recorded length of an unknown method, in bytes.
const maxMethod = 32

// Method is the method of a request as the conventions record it. Callers can send any
// method, so unknown ones must not become span names or attributes of metrics.
type Method struct {
	Name     string // A known method, or [OtherMethod].
	Original string // The method that was sent, if Name differs from it.
}

// MethodOf returns the method of a request. An empty method is GET, as in a client's request.
func MethodOf(sent string) Method {
	switch sent {
	case "":
		return Method{Name: http.MethodGet}
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return Method{Name: sent}
	}
	m := Method{Name: OtherMethod, Original: strings.Clone(cleantext.Head(sent, maxMethod))}
	if len(sent) <= maxMethod {
		if upper := strings.ToUpper(sent); upper != sent {
			if known := MethodOf(upper); known.Original == "" {
				m.Name = known.Name
			}
		}
	}
	return m
}

// SpanName returns the method as span names have it.
func (m Method) SpanName() string {
	if m.Name == OtherMethod {
		return otherMethodName
	}
	return m.Name
}

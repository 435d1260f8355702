// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"net/http"
	"net/url"
)

// A Target is what is known of an HTTP request before its body: where it goes.
type Target struct {
	Method string
	Host   string // Without the port, in lower case.
	Port   string // "" if the URL has none.
	Path   string
	Query  url.Values
	Header http.Header
	// Provider is the gen_ai.provider.name of the host, or "" if the host is not a provider's.
	Provider string
	// Content is true if messages, texts and transcripts may be reported.
	Content bool
}

// An Exchange decodes one HTTP request and its response. The caller feeds it with the bytes as they
// pass, and may feed the request while it feeds the response, but never at the same time. A
// decoder does not keep the slices that it is fed with.
type Exchange interface {
	// Asks returns the request as far as it is known. Its stage and its provider are known from
	// the start.
	Asks() *Request
	// Sent reads a piece of the request's body.
	Sent(p []byte)
	// SentAll reads the end of the request's body. It is not called if the body was not read to
	// its end. A request without a body has an end, too.
	SentAll()
	// Answered reads the status and the headers of the response.
	Answered(status int, header http.Header)
	// Received reads a piece of the response's body.
	Received(p []byte)
	// ReceivedAll reads the end of the response's body. It is not called if the body was not
	// read to its end.
	ReceivedAll()
}

// A Report is called with each event of an exchange. It must not keep the event.
type Report func(*Event)

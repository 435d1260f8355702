// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package resend counts the requests that are sent again within one stage or operation, as the
// SDKs of providers do when a request fails.
package resend

import (
	"context"
	"sync"
)

// A Log records the failed requests of a stage or operation. The zero Log is empty. It is safe for
// concurrent use.
type Log struct {
	mu     sync.Mutex
	again  int
	failed map[Request]int // Consecutive failures.
}

// A Request is what a request and its resends have in common.
type Request struct{ Method, Host, Path string }

// maxRequests is how many different requests a Log distinguishes.
const maxRequests = 16

// Key is the key of the *Log in a context.
type Key struct{}

// FromContext returns the Log in a context, or nil.
func FromContext(ctx context.Context) *Log {
	l, _ := ctx.Value(Key{}).(*Log)
	return l
}

// Sent records that a request is sent, and returns how often it was sent before. That is known if
// isKnown is true, else the number of its consecutive failures.
func (l *Log) Sent(request Request, known int, isKnown bool) (before int) {
	if l == nil {
		return known
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if before = known; !isKnown {
		before = l.failed[request]
	}
	if before > 0 {
		l.again++
	}
	return before
}

// Ended records whether a request failed.
func (l *Log) Ended(request Request, failed bool) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !failed {
		delete(l.failed, request)
		return
	}
	if l.failed == nil {
		l.failed = make(map[Request]int)
	}
	if _, ok := l.failed[request]; ok || len(l.failed) < maxRequests {
		l.failed[request]++
	}
}

// Count returns how many requests were sent again.
func (l *Log) Count() int {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.again
}

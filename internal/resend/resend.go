// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package resend counts the requests that are sent again within one piece of work, as
// the SDKs of providers do by themselves.
package resend

import (
	"context"
	"sync"
)

// A Log keeps which requests of a piece of work failed. The zero Log is empty and ready.
// It is safe for concurrent use.
type Log struct {
	mu     sync.Mutex
	again  int
	failed map[string]int // How often in succession, by request.
}

// maxRequests bounds how many different requests a Log tells apart.
const maxRequests = 16

// Key is the key by which a context returns the [Log] of its work, as a *Log.
type Key struct{}

// FromContext returns the log of the work that a context belongs to, or nil.
func FromContext(ctx context.Context) *Log {
	l, _ := ctx.Value(Key{}).(*Log)
	return l
}

// Sent notes that a request is sent, and returns how often it was sent before: what the
// caller knows, if it does, else how often it has failed in succession.
func (l *Log) Sent(request string, known int, isKnown bool) (before int) {
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

// Ended notes how a request ended.
func (l *Log) Ended(request string, failed bool) {
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
		l.failed = make(map[string]int)
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

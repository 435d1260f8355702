// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package collector

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// A request's bytes are in use until every body made from them is closed.
func TestBody(t *testing.T) {
	r := segment.Request{Payload: []byte("payload"), Readers: new(atomic.Int32)}
	one, two := NewBody(r), NewBody(r)
	if got, err := io.ReadAll(one); string(got) != "payload" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	_ = one.Close()
	_ = one.Close()
	if n := r.Readers.Load(); n != 1 {
		t.Errorf("%d readers, want the one that has not closed", n)
	}
	_ = two.Close()
	if _, err := two.Read(make([]byte, 1)); !errors.Is(err, http.ErrBodyReadAfterClose) {
		t.Errorf("Read after Close returned %v", err)
	}
	if n := r.Readers.Load(); n != 0 {
		t.Errorf("%d readers, want none", n)
	}
}

// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn

import (
	"bytes"
	"time"

	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

// asks is called before bytes are written. It reads those of a client's handshake, and reports whether it did. A request
// that was read only when its write has returned could come after the response, or after the end of a short connection.
func (t *tap) asks(p []byte) bool {
	if !t.written.isClient || t.upgraded.Load() {
		return false
	}
	if t.following.Load() == followRequests {
		t.again(p)
	}
	if t.following.Load() != followAll {
		return false
	}
	t.feed(&t.written, p)
	return true
}

// again reads the handshake anew, if bytes begin another request on a connection that served one without an upgrade.
// http.Transport keeps such connections, and retries on one of them a handshake that was refused. It writes a request
// when it has read the last response, and a request is at the start of what it writes.
func (t *tap) again(p []byte) {
	if !bytes.HasPrefix(p, []byte("GET ")) && !bytes.HasPrefix(p, []byte("CONNECT ")) {
		return
	}
	t.handshakeLock.Lock()
	defer t.handshakeLock.Unlock()
	t.handshake = websocket.Handshake{}
	t.started = time.Now()
	t.read.takePending()
	t.following.Store(followAll)
}

// isOff reports whether the bytes that will pass are of no interest.
func (t *tap) isOff() bool { return t.following.Load() == followNothing || t.life.hasEnded() }

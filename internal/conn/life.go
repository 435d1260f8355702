// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn

import (
	"sync"
	"time"
)

// A life counts the calls that use a tap, so that the last one reports the end: no call waits for
// another, and nothing is reported after the end.
type life struct {
	lock    sync.Mutex
	active  int
	isOver  bool // No call may begin.
	isDone  bool // The last call has left.
	closing bool // The program closes the connection.
	ended   *End // What is to be reported.
}

// enter begins a call. It returns false after the end.
func (l *life) enter() bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.isOver {
		return false
	}
	l.active++
	return true
}

// leave ends a call. It returns whether it was the last of all, and then the end to report.
func (l *life) leave() (last bool, end *End) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.active--
	if !l.isOver || l.active > 0 || l.isDone {
		return false, nil
	}
	l.isDone = true
	return true, l.ended
}

// end notes that the connection ended. If it returns true, the caller must leave.
func (l *life) end(err error) bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.isOver {
		return false
	}
	if l.closing {
		err = nil // The read failed because of the program's Close.
	}
	l.isOver = true
	l.ended = &End{Err: err, At: time.Now()}
	l.active++
	return true
}

// close notes that the program closes the connection.
func (l *life) close() {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.closing = true
}

// hasEnded reports whether the connection has ended.
func (l *life) hasEnded() bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.isOver
}
